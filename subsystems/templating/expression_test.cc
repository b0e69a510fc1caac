// What stands between the braces, as it is parsed.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/expression_internal.h"

namespace engine::templating::internal {
namespace {

// "name(a) index(0) | default(1)": the parsed form as one text.
std::string shown(const expression& inside, const parts& of) {
  std::string text;
  for (const step& each : inside.steps(of)) {
    text += text.empty() ? "" : " ";
    switch (each.kind) {
      case step_kind::name:
        text += fmt::format("name({})", each.name);
        break;
      case step_kind::key:
        text += fmt::format("key({})", each.name);
        break;
      case step_kind::index:
        text += fmt::format("index({})", each.index);
        break;
    }
  }
  constexpr std::string_view names[] = {"constant", "default", "json",   "string",
                                        "length",   "match",   "replace"};
  for (const filter& each : inside.filters(of)) {
    text += fmt::format("{}| {}", text.empty() ? "" : " ", names[static_cast<int>(each.kind)]);
    if (each.kind == filter_kind::constant || each.kind == filter_kind::default_value) {
      text += fmt::format("({})", boost::json::serialize(each.argument));
    } else if (each.matcher) {
      text += fmt::format("({})", each.matcher->expression());
    }
    text += each.kind == filter_kind::replace ? fmt::format("({})", each.with) : "";
  }
  return text;
}

TEST(expression, is_parsed) {
  struct row {
    std::string_view inside;
    std::string_view parsed;
  };
  const row rows[] = {
      {"a", "name(a)"},
      {"a.b.c", "name(a) name(b) name(c)"},
      {"inputs.parameters.a-b_c", "name(inputs) name(parameters) name(a-b_c)"},
      {"a / b", ""},
      {"a/b.c/d", "name(a/b) name(c/d)"},
      {"-", "name(-)"},
      {"0.1", "name(0) name(1)"},
      {"größe.🕓", "name(größe) name(🕓)"},
      {"\xFF\x80", "name(\xFF\x80)"},
      {"true", "name(true)"},
      {"a . b", "name(a) name(b)"},
      {"a\r\n\t.\n\tb", "name(a) name(b)"},
      {"a[0]", "name(a) index(0)"},
      {"a[007][4294967295]", "name(a) index(7) index(4294967295)"},
      {"a [ 1 ] . b", "name(a) index(1) name(b)"},
      {"a['b']", "name(a) key(b)"},
      {"a[\"b\"]['c'].d", "name(a) key(b) key(c) name(d)"},
      {"['a.b'].c", "key(a.b) name(c)"},
      {"a['']", "name(a) key()"},
      {"a['}}']", "name(a) key(}})"},
      {"a['it\\'s']", "name(a) key(it's)"},
      {"a[\"it's\"]", "name(a) key(it's)"},
      {"a['\\\\']", "name(a) key(\\)"},
      {"a['\\\\\\\\']", "name(a) key(\\\\)"},
      {"a['\\\"\\'\\n']", "name(a) key(\"'\\n)"},
      {"a[ 'b' ]", "name(a) key(b)"},
      {"'text'", "| constant(\"text\")"},
      {"\"text\"", "| constant(\"text\")"},
      {"'}} {{'", "| constant(\"}} {{\")"},
      {"'' | length", "| constant(\"\") | length"},
      {"a|json", "name(a) | json"},
      {"a | json()", "name(a) | json"},
      {"a | json ( ) | string", "name(a) | json | string"},
      {"a|default('x')", "name(a) | default(\"x\")"},
      {"a|default(\"x\")", "name(a) | default(\"x\")"},
      {"a|default( 12 )", "name(a) | default(12)"},
      {"a|default(-0)", "name(a) | default(0)"},
      {"a|default(18446744073709551615)", "name(a) | default(18446744073709551615)"},
      {"a|default(true)", "name(a) | default(true)"},
      {"a|default(false)|default(null)", "name(a) | default(false) | default(null)"},
      {"a|match('x+')", "name(a) | match(x+)"},
      {"a|match('\\d')", "name(a) | match(\\d)"},
      {"a|match('\\\\d')", "name(a) | match(\\d)"},
      {"a|match('\\\\\\\\')", "name(a) | match(\\\\)"},
      {"a|replace('(x)','\\1')", "name(a) | replace((x))(\\1)"},
      {"a\n| replace ( 'x' , '' )", "name(a) | replace(x)()"},
      {"a|length|match('1')", "name(a) | length | match(1)"},
  };
  for (const row& each : rows) {
    for (const std::string_view blanks : {"", " ", "\t\r\n "}) {
      const std::string text = fmt::format("{{{{{0}{1}{0}}}}} }}}}", blanks, each.inside);
      parts into;
      pattern_budget compiling;
      const result<parsed_placeholder> parsed =
          parse_placeholder(text, 0, limits{}, compiling, into);
      if (each.parsed.empty()) {
        EXPECT_FALSE(parsed.has_value()) << text;
        continue;
      }
      ASSERT_TRUE(parsed.has_value()) << text << ": " << parsed.error().what();
      EXPECT_EQ(shown(parsed->inside, into), each.parsed) << text;
      EXPECT_EQ(parsed->begin, 2 + blanks.size()) << text;
      EXPECT_EQ(text.substr(parsed->begin, parsed->size), each.inside);
      EXPECT_EQ(parsed->end, 4 + 2 * blanks.size() + each.inside.size()) << text;
    }
  }
}

TEST(expression, adds_to_the_parts_of_others) {
  const std::string_view text = "{{ a['\\''][1] | json }} {{ b.c | default(1) | string }}";
  parts into;
  pattern_budget compiling;
  const auto first = parse_placeholder(text, 0, limits{}, compiling, into);
  ASSERT_TRUE(first.has_value()) << first.error().what();
  const auto second = parse_placeholder(text, first->end + 1, limits{}, compiling, into);
  ASSERT_TRUE(second.has_value()) << second.error().what();
  EXPECT_EQ(second->end, text.size());
  EXPECT_EQ(shown(first->inside, into), "name(a) key(') index(1) | json");
  EXPECT_EQ(shown(second->inside, into), "name(b) name(c) | default(1) | string");
}

TEST(expression, knows_paths_and_constants) {
  struct row {
    std::string_view text;
    bool is_path;
    bool is_constant;
  };
  const row rows[] = {
      {"{{ a }}", true, false},           {"{{ a[0]['b'] }}", true, false},
      {"{{ a | json }}", false, false},   {"{{ 'a' }}", false, true},
      {"{{ 'a' | json }}", false, false}, {"{{ a | default('a') }}", false, false},
  };
  for (const row& each : rows) {
    parts into;
    pattern_budget compiling;
    const auto parsed = parse_placeholder(each.text, 0, limits{}, compiling, into);
    ASSERT_TRUE(parsed.has_value()) << each.text;
    EXPECT_EQ(parsed->inside.is_path(), each.is_path) << each.text;
    EXPECT_EQ(parsed->inside.is_constant(), each.is_constant) << each.text;
  }
}

TEST(expression, keeps_keys_where_they_are) {
  const std::string_view text = "{{ a['plain']['it\\'s'] }}";
  parts into;
  pattern_budget compiling;
  ASSERT_TRUE(parse_placeholder(text, 0, limits{}, compiling, into).has_value());
  ASSERT_EQ(into.steps.size(), 3U);
  EXPECT_EQ(into.steps[1].name.data(), text.data() + 6);
  EXPECT_EQ(into.unescaped.size(), 1U);
}

TEST(expression, is_trimmed) {
  struct row {
    std::string_view text;
    std::string_view expected;
  };
  const row rows[] = {{"", ""},
                      {" ", ""},
                      {"a", "a"},
                      {" \t\r\na b\n", "a b"},
                      {"\va", "\va"},
                      {"\f", "\f"},
                      {"\xC2\xA0", "\xC2\xA0"}};
  for (const row& each : rows) {
    EXPECT_EQ(trimmed(each.text), each.expected);
  }
}

}  // namespace
}  // namespace engine::templating::internal
