// Templates of documents: what they render to is JSON, whatever the values are.

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/naive_reference_inputs.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

TEST(document, keeps_the_type_of_a_value_that_stands_alone) {
  struct row {
    std::string_view text;
    std::string_view value;   // of "a"
    std::string_view result;  // of [text], as it is written
  };
  const row rows[] = {
      {"{{ a }}", "null", "[null]"},
      {"{{ a }}", "true", "[true]"},
      {"{{ a }}", "-1", "[-1]"},
      {"{{ a }}", "18446744073709551615", "[18446744073709551615]"},
      {"{{ a }}", "2.0", "[2.0]"},
      {"{{ a }}", R"("t")", R"(["t"])"},
      {"{{ a }}", R"("")", R"([""])"},
      {"{{ a }}", "[1, [2]]", "[[1,[2]]]"},
      {"{{ a }}", R"({"k": {}})", R"([{"k":{}}])"},
      {"{{a}}", R"("{{a}}")", R"(["{{a}}"])"},
      {"{{\n a\t}}", "1", "[1]"},
      {"{{ a | json }}", "1", R"(["1"])"},
      {"{{ a | json }}", R"("t")", R"(["\"t\""])"},
      {"{{ a | string }}", "true", R"(["true"])"},
      {"{{ a | length }}", R"("text")", "[4]"},
      {"{{ a | match('x') }}", R"("text")", "[true]"},
      {"{{ a | replace('x', '\"') }}", R"("text")", R"(["te\"t"])"},
      {"{{ a.b | default(null) }}", "1", "[null]"},
      {"{{ a.b | default(1.50) }}", "1", "[1.5]"},
      {"{{ a.b | default('1') }}", "1", R"(["1"])"},
      {"{{ '\"}}' }}", "1", R"(["\"}}"])"},
      {"{{ 'x' | length }}", "1", "[1]"},
  };
  for (const row& each : rows) {
    const json::value document = json::array{json::string(each.text)};
    const json::value value = json::parse(each.value);
    context values;
    values.set("a", value);
    const auto made = render(compile_document(document).value(), values);
    ASSERT_TRUE(made.has_value()) << each.text << ": " << made.error().what();
    EXPECT_EQ(*made, each.result) << each.text << " of " << each.value;
  }
}

TEST(document, makes_text_of_values_inside_text) {
  struct row {
    std::string_view text;
    std::string_view value;
    std::string_view result;  // of text, the document, as it is written
  };
  const row rows[] = {
      {"<{{ a }}>", "null", R"("<null>")"},
      {"<{{ a }}>", "2.0", R"("<2.0>")"},
      {"{{ a }} ", "true", R"("true ")"},
      {" {{ a }}", "[1]", R"(" [1]")"},
      {"{{ a }}{{ a }}", "1", R"("11")"},
      {"{{ a }}}}", R"("{{")", R"("{{}}")"},
      {"{{ '' }}{{ a }}", "1", R"("1")"},
      {"{{ a }}\n", "1", R"("1\n")"},
      {"<{{ a }}>", R"({"k": "q\""})", R"("<{\"k\":\"q\\\"\"}>")"},
      {"<{{ a }}>", R"("\"\\\n\u0001")", R"("<\"\\\n\u0001>")"},
      {"\"{{ a }}\\", R"("x")", R"("\"x\\")"},
      {"{{ '\"' }}.", "1", R"("\".")"},
      {"<{{ a }}>", R"("€🕓")", R"("<€🕓>")"},
      {"no { placeholder }", "1", R"("no { placeholder }")"},
      {"", "1", R"("")"},
  };
  for (const row& each : rows) {
    const json::value document(json::string(each.text));
    const json::value value = json::parse(each.value);
    context values;
    values.set("a", value);
    const auto made = render(compile_document(document).value(), values);
    ASSERT_TRUE(made.has_value()) << each.text << ": " << made.error().what();
    EXPECT_EQ(*made, each.result) << each.text << " of " << each.value;
  }
}

TEST(document, leaves_everything_else_as_it_is) {
  const std::string_view documents[] = {
      "null",
      "true",
      "2.0",
      "[]",
      "{}",
      R"("text")",
      R"({"{{ a }}":"{=a}","{{":1})",
      R"({"{{ nope }}":[{"{{":"{ {"},[[],{}]],"\"\\\n":"}}"})",
      R"(["\u0001\u001f\"\\/","é€🕓"])",
      R"([18446744073709551615,-1,0.5,1e+300])",
  };
  for (const std::string_view text : documents) {
    const json::value document = json::parse(text);
    const auto compiled = compile_document(document);
    ASSERT_TRUE(compiled.has_value()) << text << ": " << compiled.error().what();
    EXPECT_TRUE(compiled->is_document());
    EXPECT_EQ(compiled->placeholder_count(), 0U) << text;
    EXPECT_EQ(json::parse(compiled->source()), document) << text;
    context values;
    EXPECT_EQ(json::parse(render(*compiled, values).value()), document) << text;
    EXPECT_EQ(render_value(*compiled, values).value(), document) << text;
  }
}

TEST(document, lets_no_value_break_out) {
  const std::string_view hostile[] = {
      "\"", "\\",  "\\\"", "\",\"x\":\"", "\"}", "\"]}", "\n", "\x01", "{{ a }}", "\\u0022",
      "'",  "}}",  "{{",   "\\\\\"",      "\t",  "\r",   "\b", "\f",   "\x1F",    "\x7F",
      "</", "\\n", "null", "\"\"",        "[",   "é",    "",   ",",    ":",       "\\\\",
  };
  const json::value document = json::parse(
      R"({"whole": "{{ a }}", "text": "\"{{ a }}\\", "json": "{{ a | json }}",
          "replaced": "{{ 'x' | replace('x', '\\\\0') }}{{ a }}", "in": ["{{ b }}", "{{ b }}."]})");
  const compiled_template compiled = compile_document(document).value();
  for (std::string text : {std::string(), std::string(40, 'x')}) {
    for (const std::string_view each : hostile) {
      text += each;
      for (const std::string& value : {std::string(each), text}) {
        const json::value a = json::string(value);
        const json::value b = json::object{{value, json::array{a}}};
        const json::value expected = {
            {"whole", a},
            {"text", json::string("\"" + value + "\\")},
            {"json", json::string(naive::json_of(a))},
            {"replaced", json::string("x" + value)},
            {"in", {b, json::string(naive::json_of(b) + ".")}},
        };
        context values;
        values.set("a", a);
        values.set("b", b);
        const auto made = render(compiled, values);
        ASSERT_TRUE(made.has_value()) << value;
        EXPECT_EQ(json::parse(*made), expected) << *made;
        EXPECT_EQ(render_value(compiled, values).value(), expected) << *made;
      }
    }
  }
}

TEST(document, says_which_string_is_wrong) {
  struct row {
    std::string_view document;
    std::string_view what;
  };
  const row rows[] = {
      {R"("{{")", "1:1: the placeholder \"{{\" is not closed"},
      {R"(["a", "{{ }}"])", "/1: 1:1: the placeholder is empty"},
      {R"({"a": {"b": [0, "x\n {{ }}"]}})", "/a/b/1: 2:2: the placeholder is empty"},
      {R"({"a": [[], {"b": {}}], "c": "{{ }}"})", "/c: 1:1: the placeholder is empty"},
      {R"({"~/": {"": "{{ }}"}})", "/~0~1/: 1:1: the placeholder is empty"},
      {R"(["{{ x }}"])", "/0: 1:1: unknown reference \"x\""},
      {R"({"a": "{{ a }}", "b": ["a {{ x | json }}"]})",
       "/b/0: 1:3: unknown reference \"x | json\""},
      {R"({"a": "{{ a | length }}"})",
       "/a: 1:1: length of a number: it takes text, an array or an object"},
  };
  const json::value value = 1;
  context values;
  values.set("a", value);
  for (const row& each : rows) {
    const auto compiled = compile_document(json::parse(each.document));
    if (!compiled) {
      EXPECT_EQ(compiled.error().what(), each.what) << each.document;
      continue;
    }
    const auto made = render(*compiled, values);
    ASSERT_FALSE(made.has_value()) << each.document;
    EXPECT_EQ(made.error().what(), each.what) << each.document;
    EXPECT_FALSE(render_value(*compiled, values).has_value()) << each.document;
  }
}

TEST(document, is_null_where_lenient) {
  const auto compiled =
      compile_document(json::parse(R"(["{{ x }}", "<{{ x }}>", "{{ x }}", "{{ x | json }}"])"));
  context values({.lenient = true});
  EXPECT_EQ(render(compiled.value(), values).value(), R"([null,"<>",null,null])");
}

TEST(document, may_hold_bytes_that_are_no_utf8) {
  const json::value document = json::array{json::string("{{ a }}")};
  const json::value value(json::string("\xFF"));
  context values;
  values.set("a", value);
  const compiled_template compiled = compile_document(document).value();
  EXPECT_EQ(render(compiled, values).value(), "[\"\xFF\"]");
  const auto made = render_value(compiled, values);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, errc::wrong_type);
}

TEST(document, may_be_as_deep_as_its_values_together) {
  json::value deep = json::string("{{ a }}");
  json::value value = 1;
  for (int depth = 0; depth < 64; ++depth) {
    deep = json::array{std::move(deep)};
    value = json::array{std::move(value)};
  }
  context values;
  values.set("a", value);
  const auto made = render_value(compile_document(deep).value(), values);
  ASSERT_TRUE(made.has_value()) << made.error().what();
  EXPECT_EQ(json::serialize(*made), std::string(128, '[') + "1" + std::string(128, ']'));
}

// JSON has no such numbers; this is how Boost.JSON writes them.
TEST(document, holds_infinite_doubles) {
  const double infinity = std::numeric_limits<double>::infinity();
  const json::value value = json::array{infinity, -infinity, std::nan("")};
  context values;
  values.set("a", value);
  const compiled_template compiled = compile_document(json::value("{{ a }}")).value();
  EXPECT_EQ(render(compiled, values).value(), "[1e99999,-1e99999,null]");
  EXPECT_EQ(render_value(compiled, values).value(), (json::array{infinity, -infinity, nullptr}));
}

TEST(document, keeps_doubles_to_the_last_bit) {
  fixtures::random source(3);
  const compiled_template compiled = compile_document(json::parse(R"({"v": "{{ a }}"})")).value();
  for (int round = 0; round < 10'000; ++round) {
    const double fraction = source.unit() - 0.5;
    const double number = std::ldexp(fraction, static_cast<int>(source.below(200)) - 100);
    const json::value value = number;
    context values;
    values.set("a", value);
    const std::string text = render(compiled, values).value();
    EXPECT_EQ(std::strtod(text.c_str() + 5, nullptr), number) << text;
    // Boost.JSON's parser is not exact, but near.
    const double parsed = render_value(compiled, values).value().at("v").as_double();
    EXPECT_NEAR(parsed, number, std::abs(number) * 1e-15) << text;
    if (testing::Test::HasFailure()) {
      break;
    }
  }
}

TEST(document, is_what_the_reference_makes_of_it) {
  fixtures::random source(4);
  int alike = 0;
  for (int round = 0; round < 10'000; ++round) {
    const naive::mounts mounts = naive::random_mounts(source);
    const json::value document = naive::random_document(
        source, mounts, {.broken = 2, .filtered = 0, .constants = 5, .missing = 3}, 3);
    context values;
    for (const auto& [path, value] : mounts) {
      values.set(path, value);
    }
    const auto expected = naive::render(document, mounts);
    const auto compiled = compile_document(document);
    const auto made = compiled ? render(*compiled, values) : compiled.error();
    ASSERT_EQ(made.has_value(), expected.has_value()) << json::serialize(document);
    if (made) {
      ASSERT_EQ(json::parse(*made), *expected) << json::serialize(document);
      ASSERT_EQ(render_value(*compiled, values).value(), *expected) << json::serialize(document);
      ++alike;
    }
  }
  EXPECT_GT(alike, 5'000);
}

}  // namespace
}  // namespace engine::templating
