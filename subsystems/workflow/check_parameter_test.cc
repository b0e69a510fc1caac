#include "subsystems/workflow/check_parameter.h"

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

parameter with_pattern(std::string_view expression) {
  parameter made;
  made.name = "p";
  made.pattern = templating::pattern::compile(expression).value();
  return made;
}

TEST(check_parameter, takes_what_the_pattern_matches_and_refuses_the_rest) {
  struct row {
    const char* pattern;
    const char* value;  // JSON
    const char* problem;
  };
  const row rows[] = {
      {R"(^\d{4}-)", R"("2024-01-01")", ""},
      {R"(^\d{4}-)", R"("x2024-01-01")",
       R"(the value "x2024-01-01" does not match the pattern "^\d{4}-")"},
      {R"(\d{4}-)", R"("x2024-01-01")", ""},
      {"^$", R"("")", ""},
      {".", R"("")", R"(the value "" does not match the pattern ".")"},
      {"", R"("anything")", ""},
      {R"(^\d+$)", "17", ""},
      {R"(^\d+$)", "-17", R"(the value "-17" does not match the pattern "^\d+$")"},
      {R"(^1\.5$)", "1.5", ""},
      {R"(^\d+$)", "1e2", R"(the value "100.0" does not match the pattern "^\d+$")"},
      {"^(true|false)$", "false", ""},
      {"^(true|false)$", "null", R"(the value "null" does not match the pattern "^(true|false)$")"},
      {"^(true|false)$", R"("true ")",
       R"(the value "true " does not match the pattern "^(true|false)$")"},
      {R"(^\["a",1]$)", R"(["a", 1])", ""},
      {R"(^\{"k":\{}}$)", R"({"k": {}})", ""},
      {R"(^\[)", R"({"k": [1]})", R"(the value "{\"k\":[1]}" does not match the pattern "^\[")"},
      {"^é$", R"("\u00e9")", ""},
      {"^a$", R"("a\nb")", R"(the value "a\x0ab" does not match the pattern "^a$")"},
  };
  for (const row& each : rows) {
    const result<void> checked =
        check_parameter(with_pattern(each.pattern), boost::json::parse(each.value));
    if (*each.problem == '\0') {
      EXPECT_TRUE(checked.has_value()) << each.pattern << ' ' << checked.error().what();
      continue;
    }
    ASSERT_FALSE(checked.has_value()) << each.pattern << ' ' << each.value;
    EXPECT_EQ(checked.error().code, errc::bad_value);
    EXPECT_EQ(checked.error().what(), fmt::format("parameter \"p\": {}", each.problem));
  }
}

TEST(check_parameter, shows_an_excerpt_of_a_long_value) {
  const result<void> checked =
      check_parameter(with_pattern("^b"), boost::json::value(std::string(100'000, 'a')));
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().message, "parameter \"p\": the value \"" + std::string(80, 'a') +
                                         "…\" does not match the pattern \"^b\"");
}

TEST(check_parameter, takes_every_value_where_there_is_no_pattern) {
  const parameter plain;
  EXPECT_TRUE(check_parameter(plain, nullptr).has_value());
  EXPECT_TRUE(check_parameter(plain, "x").has_value());
  EXPECT_TRUE(check_parameter(plain, boost::json::object{{"k", 1}}).has_value());
}

TEST(check_parameter, refuses_values_that_no_template_can_write) {
  boost::json::value deep = 1;
  for (int level = 0; level < 100; ++level) {
    deep = boost::json::array{std::move(deep)};
  }
  const result<void> checked = check_parameter(with_pattern("1"), deep);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, errc::bad_value);
  EXPECT_EQ(checked.error().message, "parameter \"p\": values are nested deeper than 64");
}

// RE2 leaves its DFA in these: before there was a budget, they took from one second to minutes.
TEST(check_parameter, does_not_begin_a_search_that_may_be_too_long) {
  struct row {
    const char* pattern;
    const char* letters;
    std::size_t bytes;
    bool is_fine;
  };
  const row rows[] = {
      {"(a?b?){900}(c|$)", "a", 100'000, false}, {"(a?b?){900}(c|$)", "ab", 1'000'000, false},
      {"(a?){900}c", "a", 100'000, false},       {"a[ab]{900}c", "abb", 1'000'000, false},
      {"a[ab]{30}c", "abb", 10'000'000, false},  {"(a?b?){900}(c|$)", "a", 1'000, true},
      {"^[ab]+$", "ab", 5'000'000, true},        {"^\\pL+$", "ab", 50'000, true},
  };
  for (const row& each : rows) {
    std::string value;
    while (value.size() < each.bytes) {
      value += each.letters;
    }
    const result<void> checked =
        check_parameter(with_pattern(each.pattern), boost::json::value(value));
    ASSERT_EQ(checked.has_value(), each.is_fine) << each.pattern;
    if (!checked) {
      EXPECT_EQ(checked.error().code, errc::bad_value);
      EXPECT_TRUE(checked.error().what().starts_with(
          fmt::format("parameter \"p\": the pattern \"{}\" may take ", each.pattern)))
          << checked.error().what();
    }
  }
}

// The values of all parameters of a load or a start have one budget.
TEST(check_parameter, keeps_to_the_budget_that_it_shares) {
  templating::pattern_budget budget({.pattern_time_max = {}});
  const boost::json::value value(std::string(100'000, 'a'));
  const parameter slow = with_pattern("(a?){9}b");
  int checked = 0;
  for (; checked < 1'000; ++checked) {
    const result<void> outcome = check_parameter(slow, value, budget);
    ASSERT_FALSE(outcome.has_value());
    if (outcome.error().message.find("may take 0 ms together") != std::string::npos) {
      break;
    }
    EXPECT_NE(outcome.error().message.find("does not match"), std::string::npos);
  }
  EXPECT_GT(checked, 1);
  EXPECT_LT(checked, 1'000);
  EXPECT_FALSE(check_parameter(with_pattern("a"), value, budget).has_value());
  EXPECT_TRUE(check_parameter(with_pattern("a"), value).has_value());
}

// A manifest with this parameter, in line 5 from column 16 on.
std::string with_parameter(std::string_view fields) {
  return fmt::format(
      "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {{name: w}}\n"
      "spec:\n  parameters: [{{name: p, {}}}]\n  tasks: [{{name: a}}]\n",
      fields);
}

TEST(parameter_pattern, is_read_with_the_parameter) {
  struct row {
    const char* fields;
    const char* pattern;
  };
  const row rows[] = {
      {R"(pattern: '^\d{4}-', value: 2024-01-01)", R"(^\d{4}-)"},
      {R"(pattern: '^\d{4}-')", R"(^\d{4}-)"},
      {R"(value: 17, pattern: "^\\d+$")", R"(^\d+$)"},
      {"value: 1.50, pattern: '^1.50$'", "^1.50$"},
      {"value: 1e3, pattern: '^1e3$'", "^1e3$"},
      {"value: 1000.0, pattern: '^1000.0$'", "^1000.0$"},
      {"value: 0.00001, pattern: '^0.00001$'", "^0.00001$"},
      {"value: 123456789012345678901234, pattern: '^\\d{24}$'", "^\\d{24}$"},
      {"value: true, pattern: ^true$", "^true$"},
      {"value: [a, 1], pattern: '^.\"a\",1.$'", "^.\"a\",1.$"},
      {"value: null, pattern: ^a", "^a"},
      {"value: x, pattern: ''", ""},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(with_parameter(each.fields), "t");
    ASSERT_TRUE(loaded.has_value()) << each.fields << ": " << loaded.error().what();
    const parameter& read = loaded->definitions.at(0).parameters.at(0);
    ASSERT_TRUE(read.pattern.has_value()) << each.fields;
    EXPECT_EQ(read.pattern->expression(), each.pattern) << each.fields;
  }
  const auto without = load_manifest(with_parameter("value: 1, pattern: null"), "t");
  ASSERT_TRUE(without.has_value()) << without.error().what();
  EXPECT_FALSE(without->definitions.at(0).parameters.at(0).pattern.has_value());
}

TEST(parameter_pattern, is_refused_where_it_or_the_default_stands) {
  struct row {
    std::string fields;
    errc code;
    std::string error;
  };
  const row rows[] = {
      {R"_(pattern: '^(\d')_", errc::bad_value,
       R"_(5:35: parameter "p": pattern "^(\d": missing ): ^(\d)_"},
      {"pattern: 'a**'", errc::bad_value,
       R"_(5:35: parameter "p": pattern "a**": bad repetition operator: **)_"},
      {R"_(pattern: '(a)\1')_", errc::bad_value,
       R"_(5:35: parameter "p": pattern "(a)\1": invalid escape sequence: \1)_"},
      {"pattern: '(?=a)'", errc::bad_value,
       R"_(5:35: parameter "p": pattern "(?=a)": invalid perl operator: (?=)_"},
      {"pattern: " + std::string(1'001, 'a'), errc::bad_value,
       R"_(5:35: parameter "p": the pattern has 1001 bytes, more than the limit of 1000)_"},
      {"pattern: 5", errc::wrong_type,
       R"_(5:35: parameter "p": pattern must be text; write it as "5")_"},
      {"pattern: [a]", errc::wrong_type,
       R"_(5:35: parameter "p": pattern must be a single value, not a list)_"},
      {R"_(pattern: "a\tb")_", errc::bad_value,
       R"_(5:35: parameter "p": pattern "a\x09b" has control characters)_"},
      {"patern: a", errc::unknown_key,
       R"_(5:26: parameter "p": unknown key "patern"; did you mean "pattern"?)_"},
      {R"_(pattern: '^\d{4}-', value: tomorrow)_", errc::bad_value,
       R"_(5:53: parameter "p": the value "tomorrow" does not match the pattern "^\d{4}-")_"},
      {R"_(value: -1, pattern: '^\d+$')_", errc::bad_value,
       R"_(5:33: parameter "p": the value "-1" does not match the pattern "^\d+$")_"},
      {"value: {k: 1}, pattern: ^k", errc::bad_value,
       R"_(5:33: parameter "p": the value "{\"k\":1}" does not match the pattern "^k")_"},
      {"value: '', pattern: .", errc::bad_value,
       R"_(5:33: parameter "p": the value "" does not match the pattern ".")_"},
  };
  const std::string long_value(100'000, 'a');
  // A value that its pattern may search for too long.
  const auto slow = load_manifest(
      with_parameter(fmt::format("pattern: '(a?b?){{900}}(c|$)', value: {}", long_value)), "t");
  ASSERT_FALSE(slow.has_value());
  EXPECT_EQ(slow.error().what(),
            "t:5:62: parameter \"p\": the pattern \"(a?b?){900}(c|$)\" may take 540800000 steps on "
            "100000 bytes; the limit is 100000000");
  for (const row& each : rows) {
    const auto loaded = load_manifest(with_parameter(each.fields), "t");
    ASSERT_FALSE(loaded.has_value()) << each.fields;
    EXPECT_EQ(loaded.error().code, each.code) << each.fields;
    EXPECT_EQ(loaded.error().what(), "t:" + each.error);
  }
}

TEST(parameter_pattern, counts_as_a_regular_expression) {
  const std::string text = with_parameter("pattern: a}, {name: q, pattern: b}, {name: r");
  EXPECT_TRUE(load_manifest(text, "t", {.patterns_max = 2}).has_value());
  const auto beyond = load_manifest(text, "t", {.patterns_max = 1});
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().what(), "t:5:58: more than 1 regular expressions");
}

}  // namespace
}  // namespace engine::workflow
