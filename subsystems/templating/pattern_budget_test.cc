// What searches may take: of one search, of all of a rendering, and of what they write. The clock
// is left out of it wherever it can be: with no time at all, the first look that finds some used
// ends the work.

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/string.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/cache.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/pattern.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

constexpr std::size_t replace_bytes = limits{}.replace_bytes_max;

std::string filled_with(std::string_view unit, std::size_t bytes) {
  std::string made;
  while (made.size() < bytes) {
    made += unit.substr(0, bytes - made.size());
  }
  return made;
}

// "" or the code of the error and its message.
template <class Result>
std::string reason_of(const Result& of) {
  return of ? "" : make_error_code(of.error().code).message() + ": " + of.error().what();
}

// Of a template that names a text `a`: compiled, as a document, resolved and from a cache, which
// must agree. "" or why it is refused.
std::string reason_of_rendering(std::string_view text, const std::string& value,
                                const limits& bounds = {}) {
  const json::value held(json::string{value});
  context values({.bounds = bounds});
  values.set("a", held);
  const auto compiled = compile(text);
  EXPECT_TRUE(compiled.has_value()) << reason_of(compiled);
  std::string refusal = reason_of(render(*compiled, values));
  const json::value document = {{"k", text}};
  const std::string of_document = reason_of(render(compile_document(document).value(), values));
  EXPECT_EQ(of_document.empty(), refusal.empty()) << text << of_document << refusal;
  resolver resolving;
  EXPECT_EQ(reason_of(resolving.resolve(text, values)), refusal) << text;
  template_cache cache;
  template_cache::client client(cache);
  for (int round = 0; round < 2; ++round) {
    values.forget();
    EXPECT_EQ(reason_of(render(*client.get(text).value(), values)), refusal) << text;
  }
  return refusal;
}

TEST(pattern_budget, admits_up_to_the_limits) {
  constexpr std::uint64_t look = std::uint64_t{1} << 22U;
  struct row {
    limits bounds;
    std::uint64_t steps;
    int admitted;  // of ten
  };
  const row rows[] = {
      {{.pattern_steps_max = 0}, 0, 10},
      {{.pattern_steps_max = 0}, 1, 0},
      {{.pattern_steps_max = 7}, 7, 10},
      {{.pattern_steps_max = 7}, 8, 0},
      {{}, limits{}.pattern_steps_max + 1, 0},
      {{.pattern_steps_max = ~std::uint64_t{0}}, ~std::uint64_t{0}, 10},
      // No clock is looked at before so many steps, and the first look begins.
      {{.pattern_time_max = {}}, (look - 1) / 10, 10},
      {{.pattern_time_max = {}}, look / 10, 10},
      {{.pattern_time_max = {}}, look / 4, 7},
      {{.pattern_time_max = {}}, look, 1},
      {{.pattern_time_max = {}}, 10 * look, 1},
      {{.pattern_time_max = std::chrono::hours(1)}, 10 * look, 10},
      {{.pattern_time_max = std::chrono::milliseconds::max()}, 10 * look, 10},
  };
  for (const row& each : rows) {
    pattern_budget budget(each.bounds);
    int admitted = 0;
    for (int round = 0; round < 10; ++round) {
      admitted += budget.admit(each.steps) ? 1 : 0;
    }
    EXPECT_EQ(admitted, each.admitted) << each.steps;
  }
}

struct filtered_text {
  std::string filter;
  std::string_view unit;  // of the text
  std::size_t bytes;
};

// RE2 leaves its DFA in these, which cannot be interrupted. Before there was a limit, they took
// from one second to minutes.
TEST(pattern_budget, refuses_a_search_that_may_be_too_long_before_it_begins) {
  const filtered_text rows[] = {
      {"match('(a?b?){900}(c|$)')", "a", 100'000},
      {"match('(a?b?){900}(c|$)')", "ab", 1'000'000},
      {"match('(a?){900}c')", "a", 100'000},
      {"match('(((((a?)?)?)?)?){90}c')", "a", 1'000'000},
      {"match('(a|b|ab|ba|aab|bba){200}c')", "ab", 100'000},
      {"match('a[ab]{900}c')", "abbabaab", 1'000'000},
      {"match('a[ab]{30}c')", "abbabaab", 10'000'000},
      {"match('(\\\\b?a?){500}c')", "a b", 100'000},
      {"json|match('(a?b?){900}(c|$)')", "a", 100'000},
      {"replace('(a?b?){600}c','x')", "ab", replace_bytes},
      {"replace('((a?)(b?)){300}c','\\\\1\\\\2')", "ab", replace_bytes},
  };
  for (const filtered_text& each : rows) {
    const std::string text = fmt::format("{{{{ a | {} }}}}", each.filter);
    const std::string refusal = reason_of_rendering(text, filled_with(each.unit, each.bytes));
    const std::string filter = each.filter.find("match") == std::string::npos ? "replace" : "match";
    EXPECT_TRUE(refusal.starts_with("a regular expression takes too long: 1:1: " + filter +
                                    ": the pattern \""))
        << each.filter << ": " << refusal;
    EXPECT_NE(refusal.find(" steps on "), std::string::npos) << refusal;
    EXPECT_NE(refusal.find("; the limit is 100000000"), std::string::npos) << refusal;
  }
}

// Each match of these looks through the rest of the text. Before there was a limit, they took from
// 2 to 60 seconds.
TEST(pattern_budget, ends_a_rendering_whose_searches_have_been_slow) {
  struct row {
    std::string filters;
    std::string_view unit;
  };
  std::string eight = "replace('a(?:.*z)?','a')";
  for (int number = 1; number < 8; ++number) {
    eight += "|replace('a(?:.*z)?','a')";
  }
  const row rows[] = {
      {"replace('a(?:.*z)?','b')", "a"},
      {"replace('a(?:.*?z)?','b')", "a"},
      {"replace('a(?:[^z]*z$)?','b')", "a"},
      {"replace('(a)((?:.*z)?)','\\\\2\\\\1')", "a"},
      {"replace('(?:a.*z)?','')", "a"},
      {"replace('a|b(?:[^z]*z)?','b')", "ab"},
      {"replace('(?s)\\\\w(?:.*\\\\x00)?','')", "ab\n"},
      {"replace('\\\\pL(?:.*z)?','b')", "é"},
      {eight, "a"},
  };
  for (const row& each : rows) {
    const std::string text = fmt::format("{{{{ a | {} }}}}", each.filters);
    // With the smallest time, so that the test does not take long.
    const std::string refusal =
        reason_of_rendering(text, filled_with(each.unit, replace_bytes), {.pattern_time_max = {}});
    EXPECT_TRUE(
        refusal.starts_with("a regular expression takes too long: 1:1: replace: regular "
                            "expressions may take 0 ms together, which are used up at \""))
        << each.filters << ": " << refusal;
  }
  const auto begin = std::chrono::steady_clock::now();
  const json::value held(json::string(replace_bytes, 'a'));
  context values;
  values.set("a", held);
  EXPECT_TRUE(
      reason_of(render(compile("{{ a | " + eight + " }}").value(), values))
          .starts_with("a regular expression takes too long: 1:1: replace: regular expressions "
                       "may take 250 ms together, which are used up at \"a(?:.*z)?\""));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// Searches of many filters, placeholders and strings of a document count together.
TEST(pattern_budget, is_that_of_a_whole_rendering) {
  const limits bounds = {.pattern_time_max = {}};
  const std::string value = filled_with("a", 100'000);
  // A million steps each: the clock is first looked at with the fifth.
  const std::string one = "match('b[ab]cd')";
  const auto compiled = pattern::compile("b[ab]cd");
  pattern_budget budget(bounds);
  int admitted = 0;
  for (; admitted < 100 && compiled.value().matches(value, budget).has_value(); ++admitted) {
  }
  ASSERT_GT(admitted, 4);
  ASSERT_LT(admitted, 20);
  for (const bool passes : {true, false}) {
    std::string placeholders;
    json::array strings;
    for (int number = 0; number < (passes ? admitted : admitted + 1); ++number) {
      // Not the same text, which would be looked up but once.
      const std::string placeholder = fmt::format("{{{{ a |{:{}}{} }}}}", "", number, one);
      placeholders += placeholder;
      strings.emplace_back(placeholder);
    }
    EXPECT_EQ(reason_of_rendering(placeholders, value, bounds).empty(), passes);
    const json::value held(json::string{value});
    context values({.bounds = bounds});
    values.set("a", held);
    const auto document = compile_document(strings).value();
    const auto rendered = render(document, values);
    ASSERT_EQ(rendered.has_value(), passes);
    if (!passes) {
      EXPECT_EQ(rendered.error().code, errc::pattern_too_slow);
      EXPECT_EQ(rendered.error().pointer, fmt::format("/{}", admitted));
    }
    // The next rendering has a budget of its own.
    EXPECT_EQ(reason_of(render(compile("{{ a | match('b') }}").value(), values)), "");
  }
}

// However many matches there are: these look no further than to the next. They may take longer than
// by default, as they do under sanitizers, but not as long as hostile ones would.
TEST(pattern_budget, lets_ordinary_expressions_pass) {
  std::string eight = "replace('a','b')|replace('b','a')";
  eight += "|" + eight + "|" + eight + "|replace('a','b')|replace('b','c')";
  const filtered_text rows[] = {
      {"replace('a','b')", "a", replace_bytes},
      {"replace('a','b')", "ab", replace_bytes},
      {eight, "a", replace_bytes},
      {"replace('','-')", "a", replace_bytes},
      {"replace('\\\\s+',' ')", "a  b\n", replace_bytes},
      {"replace('\\\\s+$','')", "a  b\n", replace_bytes},
      {"replace('(\\\\w+)','<\\\\1>')", "ab ", replace_bytes},
      {"replace('[^a-z0-9]+','-')", "ab, ", replace_bytes},
      {"replace('\\\\pL','x')", "é1", replace_bytes},
      {"replace('[^\\\\pL\\\\pN]+','-')", "é1, ", replace_bytes},
      {"replace('(?i)error|warning|notice|info','x')", "an Error, ", replace_bytes},
      {"replace('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}','id')",
       "of 123e4567-e89b-12d3-a456-426614174000 ", replace_bytes},
      {"replace('^.*$','x')", "a", replace_bytes},
      {"match('error')", "abc", 10'000'000},
      {"match('^[a-z]+$')", "abc", 5'000'000},
      {"match('(?i)error|warning|notice|info')", "ab", 1'000'000},
      {"match('(a?b?){900}(c|$)')", "a", 1'000},
  };
  for (const filtered_text& each : rows) {
    const std::string text = fmt::format("{{{{ a | {} }}}}", each.filter);
    EXPECT_EQ(reason_of_rendering(text, filled_with(each.unit, each.bytes),
                                  {.pattern_time_max = std::chrono::seconds(2)}),
              "")
        << each.filter;
  }
}

// With no time at all, the second one is refused wherever it stands.
TEST(pattern_budget, is_that_of_compiling_a_whole_text) {
  const limits bounds = {.pattern_time_max = {}};
  const std::string one = "{{ a | match('b') }}";
  const std::string two = one + "{{ a | match('c') }}";
  const json::value held("a");
  context values;
  values.set("a", held);
  const json::array document = {json::string(one), json::string("{{ a | replace('c', '') }}")};
  resolver resolving(bounds);
  for (int round = 0; round < 2; ++round) {  // Each text has a budget of its own.
    EXPECT_EQ(reason_of(compile(one, bounds)), "");
    EXPECT_EQ(reason_of(resolving.resolve(one, values)), "");
    const std::string reason =
        "a regular expression takes too long: 1:28: regular expressions may take 0 ms together, "
        "which are used up at \"c\"";
    EXPECT_EQ(reason_of(compile(two, bounds)), reason);
    EXPECT_EQ(reason_of(resolving.resolve(two, values)), reason);
    EXPECT_EQ(compile_document(document, bounds).error().code, errc::pattern_too_slow);
  }
}

TEST(pattern_budget, ends_the_compiling_of_hostile_expressions) {
  std::string hostile = "((a{1,9}){1,9}){1,9}";
  while (hostile.size() < 980) {
    hostile += "(\\\\pL|\\\\PL)";
  }
  hostile.resize(hostile.rfind('(', 900));
  std::string text;
  for (int number = 0; number < 64; ++number) {
    text += fmt::format("{{{{ a | match('{}{}') }}}}", hostile, number);
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto compiled = compile(text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, errc::pattern_too_slow) << compiled.error().what();
}

std::size_t peak_bytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<std::size_t>(used.ru_maxrss) * 1024;
}

// What a match is replaced by may be a million times as long as what is written: it is measured
// before it is made.
TEST(pattern_budget, measures_what_replace_writes_before_it_is_written) {
  struct row {
    std::string_view expression;
    std::string_view unit;  // of the replacement
    std::size_t bytes;      // of it
    errc code;
  };
  const row rows[] = {
      {"^.*$", "\\0", 16'000, errc::output_too_big},
      {"(.*)", "\\1", 16'000, errc::output_too_big},
      {"^(.*)$", "\\0\\1", 16'000, errc::output_too_big},
      {"(.{9})*", "\\0x", 999'999, errc::output_too_big},
      {"a", "x", 1'000'000, errc::output_too_big},
      {"", "x", 1'000'000, errc::output_too_big},
      // Nothing is written, and that a million times for each of the places.
      {"()", "\\1", 2'000'000, errc::pattern_too_slow},
      {"(z)?", "\\1\\1", 2'000'000, errc::pattern_too_slow},
  };
  for (const row& each : rows) {
    const std::size_t before = peak_bytes();
    // The last rows must not take long, whatever they could.
    pattern_budget budget(each.code == errc::output_too_big ? limits{}
                                                            : limits{.pattern_time_max = {}});
    const auto replaced =
        pattern::compile(each.expression)
            .value()
            .replace(filled_with("a", replace_bytes), filled_with(each.unit, each.bytes),
                     limits{}.output_bytes_max, budget);
    ASSERT_FALSE(replaced.has_value()) << each.expression;
    EXPECT_EQ(replaced.error().code, each.code) << each.expression << replaced.error().what();
    EXPECT_LT(peak_bytes(), before + 4 * limits{}.output_bytes_max) << each.expression;
  }
}

}  // namespace
}  // namespace engine::templating
