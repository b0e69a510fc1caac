#include "subsystems/templating/compiled_template.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/support/utf8.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

struct refusal {
  std::string text;
  errc code;
  std::size_t offset;
};

// Each row alone, and as a part of a longer text, where line and column are not those of its start.
void expect_refusals(const std::vector<refusal>& rows) {
  for (const refusal& each : rows) {
    for (const std::string_view before : {"", "\n", "{{ a }}", "ä\n{{a\n}}\n  "}) {
      const std::string text = std::string(before) + each.text;
      const auto compiled = compile(text);
      ASSERT_FALSE(compiled.has_value()) << text;
      const error& found = compiled.error();
      EXPECT_EQ(make_error_code(found.code).message(), make_error_code(each.code).message())
          << text << ": " << found.what();
      const std::size_t offset = before.size() + each.offset;
      EXPECT_EQ(found.where.offset, offset) << text << ": " << found.what();
      const std::string head = text.substr(0, offset);
      const auto lines = std::count(head.begin(), head.end(), '\n');
      const std::size_t line_start =
          head.rfind('\n') == std::string::npos ? 0 : head.rfind('\n') + 1;
      EXPECT_EQ(found.where.line, lines + 1) << text;
      EXPECT_EQ(found.where.column, offset - line_start + 1) << text;
      EXPECT_FALSE(found.message.empty()) << text;
      EXPECT_TRUE(support::is_utf8(found.what())) << text;
      EXPECT_EQ(found.what().find('\n'), std::string::npos) << text;
      EXPECT_TRUE(found.pointer.empty()) << text;
    }
  }
}

TEST(compile, refuses_what_is_not_closed) {
  expect_refusals({
      {"{{", errc::unterminated, 0},
      {"a {{", errc::unterminated, 2},
      {"a\nb {{ x", errc::unterminated, 4},
      {"{{ a }", errc::unterminated, 0},
      {"{{ a } }", errc::unterminated, 0},
      {"{{ a | default('", errc::unterminated, 0},
      {"{{ 'a' ", errc::unterminated, 0},
      {"{{ a[", errc::unterminated, 0},
      {"{{=a", errc::unterminated, 0},
      {"{{ a }} {{ b", errc::unterminated, 8},
      {"{{ 'a }} b", errc::unterminated, 3},
      {"{{ \"a' }}", errc::unterminated, 3},
      {"{{ 'a\\' }}", errc::unterminated, 3},
      {"{{ a['b] }}", errc::unterminated, 5},
      {"{{ a | default('x) }}", errc::unterminated, 15},
      {"{{ a | replace('x', \"y) }}", errc::unterminated, 20},
  });
}

TEST(compile, refuses_empty_placeholders_and_expressions) {
  expect_refusals({
      {"{{}}", errc::empty_placeholder, 0},
      {"a {{ \t\r\n}}", errc::empty_placeholder, 2},
      {"{{}}}", errc::empty_placeholder, 0},
      {"{{=a}}", errc::unsupported_expression, 0},
      {"{{= 1 + 1 }}", errc::unsupported_expression, 0},
      {"x\n\n  {{ =a}}", errc::unsupported_expression, 5},
      {"{{=jsonpath(a, '$.b')}}", errc::unsupported_expression, 0},
  });
}

TEST(compile, refuses_malformed_paths) {
  expect_refusals({
      {"{{.a}}", errc::bad_path, 2},
      {"{{a.}}", errc::bad_path, 4},
      {"{{a..b}}", errc::bad_path, 4},
      {"{{ a b }}", errc::bad_path, 5},
      {"{{a$}}", errc::bad_path, 3},
      {"{{$a}}", errc::bad_path, 2},
      {"{{a:b}}", errc::bad_path, 3},
      {"{{a}b}}", errc::bad_path, 3},
      {"{{a} }}", errc::bad_path, 3},
      {"{{{a}}}", errc::bad_path, 2},
      {"{{a {{b}}", errc::bad_path, 4},
      {"{{a'b'}}", errc::bad_path, 3},
      {"{{'a'.b}}", errc::bad_path, 5},
      {"{{'a''b'}}", errc::bad_path, 5},
      {"{{a[}}", errc::bad_path, 4},
      {"{{a[]}}", errc::bad_path, 4},
      {"{{a[b]}}", errc::bad_path, 4},
      {"{{a[-1]}}", errc::bad_path, 4},
      {"{{a[+1]}}", errc::bad_path, 4},
      {"{{a[4294967296]}}", errc::bad_path, 4},
      {"{{a[0.5]}}", errc::bad_path, 5},
      {"{{a[0}}", errc::bad_path, 5},
      {"{{a['b'}}", errc::bad_path, 7},
      {"{{a['b' 'c']}}", errc::bad_path, 8},
      {"{{a]}}", errc::bad_path, 3},
      {"{{a.[0]}}", errc::bad_path, 4},
      {"{{a[0]b}}", errc::bad_path, 6},
      {"{{|json}}", errc::bad_path, 2},
      {"{{(a)}}", errc::bad_path, 2},
      {std::string("{{a\0}}", 6), errc::bad_path, 3},
      {std::string("{{\0}}", 5), errc::bad_path, 2},
      {"{{a\v}}", errc::bad_path, 3},
      {"{{\x1B[31m}}", errc::bad_path, 2},
  });
}

TEST(compile, refuses_malformed_filters) {
  expect_refusals({
      {"{{a|}}", errc::bad_filter, 4},
      {"{{a||json}}", errc::bad_filter, 4},
      {"{{a|json|}}", errc::bad_filter, 9},
      {"{{a|'x'}}", errc::bad_filter, 4},
      {"{{ a | nope }}", errc::bad_filter, 7},
      {"{{ a | Json }}", errc::bad_filter, 7},
      {"{{ a | defaults(1) }}", errc::bad_filter, 7},
      {"{{ a | \xFF\x01 }}", errc::bad_filter, 7},
      {"{{ a | json(1) }}", errc::bad_filter, 7},
      {"{{ a | length('x') }}", errc::bad_filter, 7},
      {"{{ a | string(null) }}", errc::bad_filter, 7},
      {"{{ a | default }}", errc::bad_filter, 7},
      {"{{ a | default() }}", errc::bad_filter, 7},
      {"{{ a | default(1, 2) }}", errc::bad_filter, 7},
      {"{{ a | match }}", errc::bad_filter, 7},
      {"{{ a | match(1) }}", errc::bad_filter, 7},
      {"{{ a | match('a', 'b') }}", errc::bad_filter, 7},
      {"{{ a | replace('a') }}", errc::bad_filter, 7},
      {"{{ a | replace('a', null) }}", errc::bad_filter, 7},
      {"{{ a | replace(1, 'a') }}", errc::bad_filter, 7},
      {"{{ a | replace('a', 'b', 'c') }}", errc::bad_filter, 7},
      {"{{ a | replace('a', 'b', 'c', 'd') }}", errc::bad_filter, 28},
      {"{{ a | default(x) }}", errc::bad_filter, 15},
      {"{{ a | default(x.y) }}", errc::bad_filter, 15},
      {"{{ a | default(,) }}", errc::bad_filter, 15},
      {"{{ a | default(1,) }}", errc::bad_filter, 17},
      {"{{ a | default([1]) }}", errc::bad_filter, 15},
      {"{{ a | default({}) }}", errc::bad_filter, 15},
      {"{{ a | default(01) }}", errc::bad_filter, 15},
      {"{{ a | default(+1) }}", errc::bad_filter, 15},
      {"{{ a | default(-) }}", errc::bad_filter, 15},
      {"{{ a | default(1.) }}", errc::bad_filter, 15},
      {"{{ a | default(NaN) }}", errc::bad_filter, 15},
      {"{{ a | default(True) }}", errc::bad_filter, 15},
      {"{{ a | default(nul) }}", errc::bad_filter, 15},
      {"{{ a | default(1'2') }}", errc::bad_filter, 15},
      {"{{ a | default(" + std::string(65, '1') + ") }}", errc::bad_filter, 15},
      {"{{ a | default(1 2) }}", errc::bad_filter, 17},
      {"{{ a | default('x' }}", errc::bad_filter, 19},
      {"{{ a | default( }}", errc::bad_filter, 16},
      {"{{ a | json) }}", errc::bad_filter, 11},
      {"{{ a | json json }}", errc::bad_filter, 12},
      {"{{ a | json.b }}", errc::bad_filter, 11},
  });
}

TEST(compile, refuses_patterns_that_cannot_be_used) {
  expect_refusals({
      {"{{ a | match('(') }}", errc::bad_pattern, 7},
      {"{{ a | match('[a') }}", errc::bad_pattern, 7},
      {"{{ a | match('*') }}", errc::bad_pattern, 7},
      {"{{ a | match('(?=a)') }}", errc::bad_pattern, 7},
      {"{{ a | match('(a)\\1') }}", errc::bad_pattern, 7},
      {"{{ a | match('a{1001}') }}", errc::bad_pattern, 7},
      {"{{ a | match('\xFF') }}", errc::bad_pattern, 7},
      {"{{ a | match('\\\\') }}", errc::bad_pattern, 7},
      {"{{ a | replace('(', '') }}", errc::bad_pattern, 7},
      {"{{ a | replace('a', '\\1') }}", errc::bad_pattern, 7},
      {"{{ a | replace('(a)', '\\2') }}", errc::bad_pattern, 7},
      {"{{ a | replace('a', '\\x') }}", errc::bad_pattern, 7},
      {"{{ a | replace('a', '\\') }}", errc::unterminated, 20},
      {"{{ a | json | match('(') }}", errc::bad_pattern, 14},
  });
}

TEST(compile, says_what_is_wrong) {
  struct row {
    const char* text;
    const char* what;
  };
  const row rows[] = {
      {"a\n {{ b", "2:2: the placeholder \"{{ b\" is not closed"},
      {"{{ 'b }}", "1:4: the quotes are not closed"},
      {"{{ }}", "1:1: the placeholder is empty"},
      {"{{ a b }}", "1:6: \"|\" or \"}}\" is expected, not \"b\""},
      {"{{ a.é }}{{ a.$ }}", "1:16: a name is expected, not \"$\""},
      {"{{ a[x] }}", "1:6: a quoted key or an index below 2^32 is expected, not \"x\""},
      {"{{ a[0 }}", "1:8: \"]\" is expected, not \"}\""},
      {"{{ a | default }}", "1:8: default takes 1 argument, not 0"},
      {"{{ a | replace('a') }}", "1:8: replace takes 2 arguments, not 1"},
      {"{{ a | match(1) }}", "1:8: match takes text in quotes"},
  };
  for (const row& each : rows) {
    const auto compiled = compile(each.text);
    ASSERT_FALSE(compiled.has_value()) << each.text;
    EXPECT_EQ(compiled.error().what(), each.what);
  }
}

TEST(compile, takes_everything_else) {
  const std::string_view texts[] = {
      "",
      "plain",
      "{",
      "}}",
      "{ {a} }",
      "a } b }} c",
      "'\"\\",
      "{a}}",
      "{{a}}}",
      "{{a}}}}",
      "{{ 'a' }}",
      "{{a}}{{b}}",
      "{{a}}{",
      "{{a|json|json}}",
      "\xFF",
      "{{a['}}']}}",
      "{%a%}",
      "${a}",
      "{{\n\n a\n}}",
      "{{end}}",
      "{{-}}",
  };
  for (const std::string_view text : texts) {
    const auto compiled = compile(text);
    ASSERT_TRUE(compiled.has_value()) << text << ": " << compiled.error().what();
    EXPECT_EQ(compiled->source(), text);
    EXPECT_FALSE(compiled->is_document());
    EXPECT_GE(compiled->bytes(), text.size());
  }
}

TEST(compile, counts_placeholders) {
  struct row {
    std::string_view text;
    std::uint32_t count;
  };
  const row rows[] = {
      {"", 0}, {"{", 0}, {"{{a}}", 1}, {"{{a}} {{a}}{{ a }}", 3}, {"{{a}}{{b|json}}", 2}};
  for (const row& each : rows) {
    EXPECT_EQ(compile(each.text).value().placeholder_count(), each.count) << each.text;
  }
}

TEST(compile, knows_what_its_templates_hold) {
  const limits bounds;
  const std::string text = "{{ a.b.c | default('d') }}" + std::string(1'000, 'x');
  const std::size_t bytes = compile(text).value().bytes();
  EXPECT_GE(bytes, 2 * 1'000U);
  EXPECT_LE(bytes, 4'000U);
  const std::size_t with_pattern = compile(text + "{{ a | match('b') }}").value().bytes();
  EXPECT_GE(with_pattern, bytes + bounds.pattern_memory_bytes_max);
  EXPECT_LE(with_pattern, bytes + bounds.pattern_memory_bytes_max + 1'000);
  const boost::json::value document = {{"a", boost::json::string(text)}};
  EXPECT_GE(compile_document(document).value().bytes(), 3 * 1'000U);
}

// However much a pattern may hold, several of them may hold more.
TEST(compile, takes_the_largest_limits) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  constexpr std::uint32_t many = std::numeric_limits<std::uint32_t>::max();
  const limits bounds = {.template_bytes_max = most,
                         .placeholders_max = many,
                         .path_depth_max = many,
                         .filters_max = many,
                         .pattern_bytes_max = most,
                         .pattern_memory_bytes_max = most,
                         .patterns_max = many,
                         .replace_bytes_max = most,
                         .filter_bytes_max = most,
                         .value_depth_max = many,
                         .output_bytes_max = most};
  const boost::json::value document =
      boost::json::parse(R"(["{{a|match('x')}}", {"{{a|replace('x','y')}}": 1}])");
  std::size_t before = 0;
  for (const char* text : {"{{a}}", "{{a|match('x')}}", "{{a|match('x')}}{{a|replace('x','y')}}"}) {
    const auto compiled = compile(text, bounds);
    ASSERT_TRUE(compiled.has_value()) << compiled.error().what();
    EXPECT_GT(compiled->bytes(), before) << text;
    before = compiled->bytes();
    context values({.bounds = bounds});
    const boost::json::value value = "axb";
    values.set("a", value);
    EXPECT_TRUE(render(*compiled, values).has_value()) << text;
    resolver resolving(bounds);
    EXPECT_EQ(resolving.resolve(text, values).value(), render(*compiled, values).value());
  }
  EXPECT_TRUE(compile_document(document, bounds).has_value());
}

TEST(compile, keeps_a_text_of_its_own) {
  std::string text = "Hello {{ name }}!";
  compiled_template compiled = compile(text).value();
  const compiled_template copy = compiled;
  text.assign(text.size(), 'x');
  EXPECT_EQ(compiled.source(), "Hello {{ name }}!");
  EXPECT_EQ(copy.source().data(), compiled.source().data());
  compiled = compile("").value();
  EXPECT_EQ(copy.source(), "Hello {{ name }}!");
  EXPECT_EQ(references(copy).front().text, "name");
}

TEST(references, are_listed_once_in_order) {
  const auto compiled = compile(
      "{{ b.c }} {{a}}\n {{b.c}} {{ 'x' }} {{ a[2]['k.l'] | json | default(1) }} {{ a | json "
      "}}{{a}}");
  const std::vector<reference> found = references(compiled.value());
  ASSERT_EQ(found.size(), 4U);
  using path = std::vector<std::string>;
  EXPECT_EQ(found[0].path, (path{"b", "c"}));
  EXPECT_EQ(found[0].text, "b.c");
  EXPECT_EQ(found[0].where, (position{1, 1, 0}));
  EXPECT_FALSE(found[0].has_default);
  EXPECT_EQ(found[1].path, (path{"a"}));
  EXPECT_EQ(found[1].where, (position{1, 11, 10}));
  EXPECT_EQ(found[2].path, (path{"a", "[2]", "k.l"}));
  EXPECT_EQ(found[2].text, "a[2]['k.l'] | json | default(1)");
  EXPECT_EQ(found[2].where, (position{2, 20, 35}));
  EXPECT_TRUE(found[2].has_default);
  EXPECT_EQ(found[3].text, "a | json");
  EXPECT_FALSE(found[3].has_default);
  for (const reference& each : found) {
    EXPECT_TRUE(each.pointer.empty());
  }
}

TEST(references, of_documents_have_pointers) {
  const auto document = boost::json::parse(
      R"({"a": ["x", "{{ p.q }}"], "b~/c": {"d": "1\n{{ p.q }} {{ r }}"}, "{{ no }}": "{{ r }}"})");
  const std::vector<reference> found = references(compile_document(document).value());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].text, "p.q");
  EXPECT_EQ(found[0].pointer, "/a/1");
  EXPECT_EQ(found[0].where, (position{1, 1, 0}));
  EXPECT_EQ(found[1].text, "r");
  EXPECT_EQ(found[1].pointer, "/b~0~1c/d");
  EXPECT_EQ(found[1].where, (position{2, 11, 12}));
}

// Where each stands must not be counted from the beginning of the text again and again.
TEST(references, of_many_placeholders_are_quick) {
  std::string text(1'000'000, '\n');
  for (int number = 0; number < 500; ++number) {
    text += fmt::format("{{{{ a.b{} }}}}\n", number);
  }
  const compiled_template compiled = compile(text).value();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(position_of(text, text.size()).line, 1'000'501U);
  const auto counted = std::chrono::steady_clock::now();
  const std::vector<reference> found = references(compiled);
  const auto end = std::chrono::steady_clock::now();
  ASSERT_EQ(found.size(), 500U);
  EXPECT_EQ(found.back().where.line, 1'000'500U);
  EXPECT_LT(end - counted, 50 * (counted - begin));
}

// As many as there may be, and alike but for their ends.
TEST(references, of_long_names_that_are_alike_are_told_apart_soon) {
  std::string text;
  for (int number = 0; number < 10'000; ++number) {
    text += fmt::format("{{{{ a.{}{} }}}}", std::string(180, 'b'), number % 5'000);
  }
  const compiled_template compiled = compile(text).value();
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<reference> found = references(compiled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  ASSERT_EQ(found.size(), 5'000U);
  EXPECT_EQ(found[4'999].path.back(), std::string(180, 'b') + "4999");
}

}  // namespace
}  // namespace engine::templating
