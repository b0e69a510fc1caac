#include "subsystems/templating/pattern.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "subsystems/support/utf8.h"

namespace engine::templating {
namespace {

constexpr std::size_t no_limit = std::size_t{1} << 30U;

TEST(pattern, matches_some_part) {
  struct row {
    std::string_view expression;
    std::string_view text;
    bool matches;
  };
  const row rows[] = {
      {"", "", true},
      {"", "x", true},
      {"b", "abc", true},
      {"d", "abc", false},
      {"^b", "abc", false},
      {"^a", "abc", true},
      {"c$", "abc", true},
      {"b$", "abc", false},
      {"^abc$", "abc", true},
      {"^$", "", true},
      {"^$", "\n", false},
      {"^b", "a\nb", false},
      {"(?m)^b", "a\nb", true},
      {"a$", "a\n", false},
      {"a.c", "abc", true},
      {"a.c", "a\nc", false},
      {"(?s)a.c", "a\nc", true},
      {"(?i)B", "abc", true},
      {"^.$", "é", true},
      {"^.$", "🕓", true},
      {"^..$", "é", false},
      {"^.$", "\xFF", false},
      {"\\pL", "é", true},
      {"[é-ü]", "ö", true},
      {"\\bb\\b", "a b c", true},
      {"\\bb\\b", "abc", false},
      {"a|b", "xb", true},
      {"a{2,3}", "aba", false},
      {"a{2,3}", "baa", true},
      {"\\x00", std::string_view("a\0b", 3), true},
  };
  for (const row& each : rows) {
    const auto compiled = pattern::compile(each.expression);
    ASSERT_TRUE(compiled.has_value()) << each.expression << ": " << compiled.error().what();
    EXPECT_EQ(compiled->matches(each.text), each.matches) << each.expression << " in " << each.text;
    EXPECT_EQ(compiled->expression(), each.expression);
  }
}

TEST(pattern, replaces_every_match) {
  struct row {
    std::string_view expression;
    std::string_view with;
    std::string_view text;
    std::string_view result;
  };
  const row rows[] = {
      {"b", "x", "abcb", "axcx"},
      {"b", "", "abcb", "ac"},
      {"b", "bb", "b", "bb"},
      {"d", "x", "abc", "abc"},
      {"x", "y", "", ""},
      {"a+", "x", "aabaaa", "xbx"},
      {"a+?", "x", "aab", "xxb"},
      {"aa", "x", "aaa", "xa"},
      {"^a", "x", "aaa", "xaa"},
      {"a$", "x", "aaa", "aax"},
      {"(?m)^", "> ", "a\nb\n", "> a\n> b\n> "},
      {"^", "x", "ab", "xab"},
      {"$", "x", "ab", "abx"},
      {"^$", "x", "", "x"},
      {"^$", "x", "a", "a"},
      {"", "-", "", "-"},
      {"", "-", "ab", "-a-b-"},
      {"", "-", "é🕓", "-é-🕓-"},
      {"", "-", "\xFFz", "-\xFF-z-"},
      {"", "-", "\xC3", "-\xC3-"},
      {"x*", "-", "axb", "-a-b-"},
      {"a*", "x", "baac", "xbxcx"},
      {"\\b", "|", "ab cd", "|ab| |cd|"},
      {"\\bb", "x", "bb b", "xb x"},
      {"(^a|b)", "x", "aab", "xax"},
      {"(a)(b)?", "<\\1\\2>", "aba", "<ab><a>"},
      {"(a)(b)", "\\2\\1", "ab-ab", "ba-ba"},
      {"a", "\\0\\0", "bab", "baab"},
      {"a", "\\\\", "a", "\\"},
      {"a", "\\\\1", "a", "\\1"},
      {"(?P<n>a)", "[\\1]", "a", "[a]"},
      {"(a)(b)(c)(d)(e)(f)(g)(h)(i)", "\\9\\1", "abcdefghi", "ia"},
      {"(a)", "\\10", "a", "a0"},
      {".", "x", "é€🕓", "xxx"},
      {".", "x", "a\xFF", "x\xFF"},
      {"é", "e", "cafés", "cafes"},
      {"[^a]", "", "é\na", "a"},
      {"a", "{{ b }}", "a", "{{ b }}"},
  };
  for (const row& each : rows) {
    const auto compiled = pattern::compile(each.expression);
    ASSERT_TRUE(compiled.has_value()) << each.expression << ": " << compiled.error().what();
    EXPECT_EQ(compiled->problem_of(each.with), "") << each.with;
    const auto replaced = compiled->replace(each.text, each.with, no_limit);
    ASSERT_TRUE(replaced.has_value()) << each.expression;
    EXPECT_EQ(*replaced, each.result) << each.expression << " in " << each.text;
  }
}

TEST(pattern, stays_what_it_was_when_moved_from) {
  pattern first = pattern::compile("a(b)").value();
  // Casts, as clang-tidy would allow nothing more with what std::move was called for.
  pattern second = static_cast<pattern&&>(first);
  pattern third = pattern::compile("x").value();
  third = static_cast<pattern&&>(second);
  for (const pattern* each : {&first, &second, &third}) {
    EXPECT_TRUE(each->matches("ab"));
    EXPECT_EQ(each->replace("ab", "\\1", 10).value(), "b");
    EXPECT_EQ(each->problem_of("\\1"), "");
    EXPECT_EQ(each->expression(), "a(b)");
    EXPECT_GT(each->bytes_max(), 0U);
  }
}

TEST(pattern, refuses_what_it_cannot_use) {
  const std::string_view expressions[] = {
      "(",
      ")",
      "[",
      "a**",
      "*",
      "a{1001}",
      "(?=a)",
      "(?<=a)",
      "(a)\\1",
      "\\",
      "\xFF",
      "[z-a]",
      "(?P<n",
      "\\pX",
      "[[:x:]]",

      "(a{1000}){1000}",
  };
  for (const std::string_view each : expressions) {
    const auto compiled = pattern::compile(each);
    ASSERT_FALSE(compiled.has_value()) << each;
    EXPECT_EQ(compiled.error().code, errc::bad_pattern) << each;
    EXPECT_TRUE(support::is_utf8(compiled.error().what())) << each;
    EXPECT_NE(compiled.error().what(), "") << each;
  }
}

TEST(pattern, refuses_what_needs_too_much_memory) {
  const std::string_view expressions[] = {"\\pL{900}", "(a{30}){30}", "((a{9}){9}){9}",
                                          "[^a]{500}"};
  for (const std::string_view each : expressions) {
    EXPECT_TRUE(pattern::compile(each, {.pattern_memory_bytes_max = std::size_t{64} << 20U}))
        << each;
    const auto compiled = pattern::compile(each, {.pattern_memory_bytes_max = 8'192});
    ASSERT_FALSE(compiled.has_value()) << each;
    EXPECT_EQ(compiled.error().code, errc::bad_pattern) << each;
  }
  const auto compiled = pattern::compile("a", {.pattern_memory_bytes_max = 8'192});
  EXPECT_EQ(compiled.value().bytes_max(), 8'192U);
}

TEST(pattern, knows_which_replacements_have_no_group) {
  struct row {
    std::string_view expression;
    std::string_view with;
    bool is_fine;
  };
  const row rows[] = {
      {"a", "", true},       {"a", "\\0", true},      {"a", "\\1", false}, {"(a)", "\\1", true},
      {"(a)", "\\2", false}, {"(?:a)", "\\1", false}, {"a", "\\", false},  {"a", "\\x", false},
      {"a", "\\\\x", true},  {"a", "$1", true},
  };
  for (const row& each : rows) {
    const auto compiled = pattern::compile(each.expression);
    EXPECT_EQ(compiled.value().problem_of(each.with).empty(), each.is_fine) << each.with;
  }
}

TEST(pattern, keeps_replacements_within_the_limit) {
  struct row {
    std::string_view expression;
    std::string_view with;
    std::string text;
    std::size_t bytes_max;
    bool passes;
  };
  const row rows[] = {
      {"a", "bb", "aa", 4, true},
      {"a", "bb", "aa", 3, false},
      {"a", "bb", "aax", 4, false},
      {"a", "", "aaaa", 0, true},  // Only what becomes of it counts.
      {"a", "", "aaab", 1, true},
      {"x", "", "aaaa", 4, true},
      {"x", "", "aaaa", 3, false},
      {"", "-", "ab", 5, true},
      {"", "-", "ab", 4, false},
      {"(a+)", "\\1\\1\\1\\1\\1\\1", std::string(1'000, 'a'), 6'000, true},
      {"(a+)", "\\1\\1\\1\\1\\1\\1", std::string(1'000, 'a'), 5'999, false},
  };
  for (const row& each : rows) {
    const auto compiled = pattern::compile(each.expression);
    const auto replaced = compiled.value().replace(each.text, each.with, each.bytes_max);
    EXPECT_EQ(replaced.has_value(), each.passes) << each.expression << " in " << each.text;
    if (!replaced) {
      EXPECT_EQ(replaced.error().code, errc::output_too_big);
    }
  }
}

// None of these may take long: backtracking would need ages for each.
TEST(pattern, is_not_slowed_down_by_hostile_expressions) {
  const std::string_view expressions[] = {
      "(a+)+$",           "(a|a)*$",         "(a|aa)+$", "(.*)*b$",
      "(a*)*(a*)*(a*)*$", "(.*a){20}$",      "(x+x+)+y", "^(([a-z])+.)+[A-Z]$",
      "a{0,999}$",        "(?:a?){99}a{99}",
  };
  std::string text(20'000, 'a');
  text += '!';
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string_view each : expressions) {
    const auto compiled = pattern::compile(each);
    ASSERT_TRUE(compiled.has_value()) << each << ": " << compiled.error().what();
    static_cast<void>(compiled->matches(text));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace engine::templating
