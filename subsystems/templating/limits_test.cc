// Each limit: what reaches it passes, what goes one beyond is refused.

#include "subsystems/templating/limits.h"

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

// Nothing, or why `text` was refused.
std::string refusal_of(const result<compiled_template>& compiled) {
  return compiled ? "" : make_error_code(compiled.error().code).message();
}

std::string message_of(errc code) { return make_error_code(code).message(); }

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) {
    all += text;
  }
  return all;
}

json::value nested(std::size_t depth) {
  json::value made = 1;
  for (; depth > 0; --depth) {
    made = depth % 2 == 0 ? json::value(json::array{std::move(made)})
                          : json::value({{"a", std::move(made)}});
  }
  return made;
}

TEST(limits, of_a_text) {
  struct row {
    limits bounds;
    std::string passes;
    std::string is_beyond;
    errc code;
  };
  const row rows[] = {
      {{.template_bytes_max = 0}, "", "a", errc::template_too_big},
      {{.template_bytes_max = 5}, "{{a}}", "{{a}} ", errc::template_too_big},
      {{.placeholders_max = 0}, "{a}", "{{a}}", errc::too_many_placeholders},
      {{.placeholders_max = 2}, "{{a}}{{b}}", "{{a}}{{b}}{{c}}", errc::too_many_placeholders},
      {{.placeholders_max = 2}, "{{a}}{{a}}", "{{a}}{{a}}{{a}}", errc::too_many_placeholders},
      {{.placeholders_max = 2},
       "{{'a'}}{{'b'}}",
       "{{'a'}}{{b}}{{'b'}}",
       errc::too_many_placeholders},
      {{.path_depth_max = 1}, "{{a}}", "{{a.b}}", errc::too_deep},
      {{.path_depth_max = 3}, "{{a[0]['b']}}", "{{a[0]['b'].c}}", errc::too_deep},
      {{.path_depth_max = 3}, "{{a.b.c}} {{a.b.d}}", "{{a.b.c}} {{a.b.d.e}}", errc::too_deep},
      {{.filters_max = 0}, "{{a}}", "{{a|json}}", errc::too_many_filters},
      {{.filters_max = 0}, "{{'a'}}", "{{'a'|json}}", errc::too_many_filters},
      {{.filters_max = 2}, "{{a|json|json}}", "{{a|json|json|json}}", errc::too_many_filters},
      {{.filters_max = 2}, "{{'a'|json|json}}", "{{'a'|json|json|json}}", errc::too_many_filters},
      {{.filters_max = 2},
       "{{a|json|json}}{{b|json|json}}",
       "{{a}}{{b|json|json|json}}",
       errc::too_many_filters},
      {{.pattern_bytes_max = 3}, "{{a|match('aaa')}}", "{{a|match('aaaa')}}", errc::bad_pattern},
      {{.pattern_bytes_max = 3},
       "{{a|replace('aaa','bbbb')}}",
       "{{a|replace('aaaa','')}}",
       errc::bad_pattern},
      {{.patterns_max = 0}, "{{a|json}}", "{{a|match('a')}}", errc::too_many_patterns},
      {{.patterns_max = 2},
       "{{a|match('a')|match('b')}}",
       "{{a|match('a')|match('b')|match('c')}}",
       errc::too_many_patterns},
      {{.patterns_max = 2},
       "{{a|match('a')}}{{a|replace('a','')}}",
       "{{a|match('a')}}{{a|replace('a','')}}{{a|match('a')}}",
       errc::too_many_patterns},
      {{.pattern_memory_bytes_max = 4'096},
       "{{a|match('a')}}",
       "{{a|match('(a{100}){9}')}}",
       errc::bad_pattern},
  };
  for (const row& each : rows) {
    EXPECT_EQ(refusal_of(compile(each.passes, each.bounds)), "") << each.passes;
    EXPECT_EQ(refusal_of(compile(each.is_beyond, each.bounds)), message_of(each.code))
        << each.is_beyond;
  }
}

TEST(limits, of_a_text_have_places) {
  struct row {
    limits bounds;
    std::string_view text;
    position where;
  };
  const row rows[] = {
      {{.template_bytes_max = 5}, "{{a}} ", {0, 0, 0}},
      {{.placeholders_max = 1}, "{{a}}\n{{a}}", {2, 1, 6}},
      {{.path_depth_max = 1}, "a\n{{ a.b }}", {2, 1, 2}},
      {{.filters_max = 1}, "{{ a | json | json }}", {1, 15, 14}},
      {{.patterns_max = 0}, "{{ a | match('xx') }}", {1, 8, 7}},
      {{.pattern_bytes_max = 1}, "{{ a | match('xx') }}", {1, 8, 7}},
  };
  for (const row& each : rows) {
    EXPECT_EQ(compile(each.text, each.bounds).error().where, each.where) << each.text;
  }
}

TEST(limits, have_defaults) {
  const limits bounds;
  struct row {
    std::string passes;
    std::string is_beyond;
    errc code;
  };
  const row rows[] = {
      {std::string(bounds.template_bytes_max, 'a'), std::string(bounds.template_bytes_max + 1, 'a'),
       errc::template_too_big},
      {repeated("{{a}}", 10'000), repeated("{{a}}", 10'001), errc::too_many_placeholders},
      {"{{a" + repeated(".a", 31) + "}}", "{{a" + repeated(".a", 32) + "}}", errc::too_deep},
      {"{{a" + repeated("|json", 8) + "}}", "{{a" + repeated("|json", 9) + "}}",
       errc::too_many_filters},
      {"{{a|match('" + std::string(1'000, 'a') + "')}}",
       "{{a|match('" + std::string(1'001, 'a') + "')}}", errc::bad_pattern},
      {repeated("{{a|match('b')}}", 64), repeated("{{a|match('b')}}", 65), errc::too_many_patterns},
  };
  for (const row& each : rows) {
    EXPECT_EQ(refusal_of(compile(each.passes)), "") << each.passes.substr(0, 100);
    EXPECT_EQ(refusal_of(compile(each.is_beyond)), message_of(each.code))
        << each.is_beyond.substr(0, 100);
  }
  EXPECT_EQ(refusal_of(compile_document(nested(64))), "");
  EXPECT_EQ(refusal_of(compile_document(nested(65))), message_of(errc::too_deep));
}

TEST(limits, of_a_document) {
  struct row {
    limits bounds;
    std::string_view passes;
    std::string_view is_beyond;
    errc code;
  };
  const row rows[] = {
      {{.template_bytes_max = 1}, "1", "12", errc::template_too_big},
      {{.template_bytes_max = 3}, "[1]", "[12]", errc::template_too_big},
      {{.template_bytes_max = 4}, "[[]]", "[[1]]", errc::template_too_big},
      {{.template_bytes_max = 7}, R"({"a":1})", R"({"a":12})", errc::template_too_big},
      {{.template_bytes_max = 4}, R"("\n")", R"("\na")", errc::template_too_big},
      {{.template_bytes_max = 1}, "1", "[]", errc::template_too_big},
      {{.template_bytes_max = 2}, "[]", "[1]", errc::template_too_big},
      {{.placeholders_max = 2},
       R"(["{{a}}","{{a}}"])",
       R"(["{{a}}{{a}}","{{a}}"])",
       errc::too_many_placeholders},
      {{.path_depth_max = 1}, R"(["{{a}}"])", R"(["{{a.b}}"])", errc::too_deep},
      {{.patterns_max = 1},
       R"(["{{a|match('')}}"])",
       R"(["{{a|match('')}}","{{a|match('')}}"])",
       errc::too_many_patterns},
      {{.value_depth_max = 0}, "1", "[]", errc::too_deep},
      {{.value_depth_max = 2}, R"([{},"{{a}}"])", R"([[{}]])", errc::too_deep},
  };
  for (const row& each : rows) {
    EXPECT_EQ(refusal_of(compile_document(json::parse(each.passes), each.bounds)), "")
        << each.passes;
    EXPECT_EQ(refusal_of(compile_document(json::parse(each.is_beyond), each.bounds)),
              message_of(each.code))
        << each.is_beyond;
  }
}

// Values whose text is longer, or nested deeper, than a context lets it be.
TEST(limits, of_a_rendering) {
  struct row {
    limits bounds;
    std::string_view text;
    std::string_view passes;
    std::string_view is_beyond;
    errc code;
  };
  const row rows[] = {
      {{.replace_bytes_max = 3},
       "{{a|replace('x','')}}",
       R"("123")",
       R"("1234")",
       errc::value_too_big},
      {{.filter_bytes_max = 3}, "{{a|length}}", R"("123")", R"("1234")", errc::value_too_big},
      {{.filter_bytes_max = 6},
       "{{a|length}}{{a|match('')}}",
       R"("123")",
       R"("1234")",
       errc::value_too_big},
      {{.filter_bytes_max = 6}, "{{a|json|length}}", "[1]", "[12]", errc::value_too_big},
      {{.output_bytes_max = 5}, "{{a}}", R"("12345")", R"("123456")", errc::output_too_big},
      {{.output_bytes_max = 5}, "1{{a}}5", R"("234")", R"("2345")", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a}}{{a}}", R"("12")", R"("123")", errc::output_too_big},
      {{.output_bytes_max = 3}, "{{a}}", "[1]", "[12]", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a}}", "[[]]", "[[1]]", errc::output_too_big},
      {{.output_bytes_max = 7}, "{{a}}", R"({"a":1})", R"({"a":12})", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|json}}", R"("12")", R"("123")", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|json|length}}", R"("12")", R"("123")", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|json|length}}", R"("12")", R"("\"\"")", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|string|length}}", "1234", "12345", errc::output_too_big},
      {{.output_bytes_max = 4},
       "{{a|replace('b','bb')|length}}",
       R"("bb")",
       R"("bbb")",
       errc::output_too_big},
      {{.output_bytes_max = 4},
       "{{a|replace('b','')|length}}",
       R"("xxxx")",
       R"("xxxxx")",
       errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|match('1')}}", "1234", "12345", errc::output_too_big},
      {{.output_bytes_max = 4}, "{{a|default(1)}}", "[12]", "[123]", errc::output_too_big},
      {{.replace_bytes_max = 4},
       "{{a|replace('b','')}}",
       R"("aaaa")",
       R"("aaaaa")",
       errc::value_too_big},
      {{.replace_bytes_max = 4}, "{{a|replace('1','')}}", "1234", "12345", errc::value_too_big},
      {{.replace_bytes_max = 4},
       "{{a|json|replace('a','')}}",
       R"("aa")",
       R"("aaa")",
       errc::value_too_big},
      {{.replace_bytes_max = 0},
       "{{a|match('b')}}{{a|replace('b','')}}",
       R"("")",
       R"("a")",
       errc::value_too_big},
      {{.value_depth_max = 0}, "{{a}}", "1", "[]", errc::too_deep},
      {{.value_depth_max = 1}, "{{a|default(1)}}", "[1]", "[[1]]", errc::too_deep},
      {{.value_depth_max = 2}, "{{a}}", "[[1]]", "[[[]]]", errc::too_deep},
      {{.value_depth_max = 2}, "{{a|json}}", R"({"b":{}})", R"({"b":{"c":{}}})", errc::too_deep},
      {{.value_depth_max = 1}, "{{a[0]}}", "[[1]]", "[[[1]]]", errc::too_deep},
  };
  for (const row& each : rows) {
    context values({.bounds = each.bounds});
    resolver resolving(each.bounds);
    const compiled_template compiled = compile(each.text).value();
    const json::value passes = json::parse(each.passes);
    values.set("a", passes);
    EXPECT_TRUE(render(compiled, values).has_value()) << each.text << ' ' << each.passes;
    EXPECT_TRUE(resolving.resolve(each.text, values).has_value()) << each.text << each.passes;
    const json::value is_beyond = json::parse(each.is_beyond);
    values.set("a", is_beyond);
    const auto rendered = render(compiled, values);
    ASSERT_FALSE(rendered.has_value()) << each.text << ' ' << each.is_beyond;
    EXPECT_EQ(message_of(rendered.error().code), message_of(each.code)) << each.text;
    const auto resolved = resolving.resolve(each.text, values);
    ASSERT_FALSE(resolved.has_value()) << each.text << ' ' << each.is_beyond;
    EXPECT_EQ(message_of(resolved.error().code), message_of(each.code)) << each.text;
  }
}

TEST(limits, of_literals) {
  const limits bounds = {.output_bytes_max = 4};
  context values({.bounds = bounds});
  resolver resolving(bounds);
  EXPECT_TRUE(render(compile("1234").value(), values).has_value());
  EXPECT_TRUE(resolving.resolve("1234", values).has_value());
  EXPECT_FALSE(render(compile("12345").value(), values).has_value());
  EXPECT_FALSE(resolving.resolve("12345", values).has_value());
  EXPECT_TRUE(render(compile("123{{'4'}}").value(), values).has_value());
  EXPECT_TRUE(resolving.resolve("123{{'4'}}", values).has_value());
  EXPECT_FALSE(render(compile("1234{{'5'}}").value(), values).has_value());
  EXPECT_FALSE(resolving.resolve("1234{{'5'}}", values).has_value());
}

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// The result is far too long, which is known after three values of four hundred: the others need
// not be made, let alone kept.
TEST(limits, hold_while_values_are_looked_up) {
  const std::size_t output_bytes_max = std::size_t{1} << 20U;
  context values({.bounds = {.output_bytes_max = output_bytes_max}});
  const json::value document(json::string(output_bytes_max / 2, 'a'));
  values.set("a", document);
  std::string text;
  for (int number = 0; number < 400; ++number) {
    text += fmt::format("{{{{ a | default({}) }}}}", number);
  }
  const std::size_t before = resident_bytes();
  const auto rendered = render(compile(text).value(), values);
  ASSERT_FALSE(rendered.has_value());
  EXPECT_EQ(rendered.error().code, errc::output_too_big);
  EXPECT_LT(resident_bytes(), before + 64 * output_bytes_max);
}

TEST(limits, do_not_recurse_into_deep_values) {
  const json::value deep = nested(2'000);
  EXPECT_EQ(refusal_of(compile_document(deep)), message_of(errc::too_deep));
  EXPECT_EQ(refusal_of(compile_document(deep, {.value_depth_max = 2'000})), "");
  context values;
  values.set("a", deep);
  for (const std::string_view text : {"{{ a }}", "{{ a | json }}", "{{ a | string }}"}) {
    const auto rendered = render(compile(text).value(), values);
    ASSERT_FALSE(rendered.has_value()) << text;
    EXPECT_EQ(rendered.error().code, errc::too_deep) << text;
    EXPECT_EQ(rendered.error().where, (position{1, 1, 0})) << text;
  }
  EXPECT_EQ(render(compile("{{ a | length }}").value(), values).value(), "1");
  context roomy({.bounds = {.value_depth_max = 2'000}});
  roomy.set("a", deep);
  EXPECT_TRUE(render(compile("{{ a }}").value(), roomy).has_value());
}

}  // namespace
}  // namespace engine::templating
