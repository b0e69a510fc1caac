#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/naive_reference.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

// What "{{ a | filters }}" is, as JSON text, or "errc: message". `value` is JSON text of "a"; empty
// if it has none. Looks at it as a template, as a document and resolved, which must agree.
std::string filtered(std::string_view filters, std::string_view value) {
  const std::string text = "{{ a | " + std::string(filters) + " }}";
  const json::value held = value.empty() ? json::value() : json::parse(value);
  context values;
  if (!value.empty()) {
    values.set("a", held);
  }
  const auto in_text = render(compile(text).value(), values);
  const auto in_document =
      render_value(compile_document(json::value(json::string(text))).value(), values);
  resolver resolving;
  const auto resolved = resolving.resolve(text, values);
  EXPECT_EQ(in_text.has_value(), in_document.has_value()) << text << " of " << value;
  EXPECT_EQ(in_text.has_value(), resolved.has_value()) << text << " of " << value;
  if (!in_text) {
    EXPECT_EQ(in_text.error().what(), in_document.error().what());
    EXPECT_EQ(in_text.error().what(), resolved.error().what());
    EXPECT_EQ(in_text.error().where, (position{1, 1, 0}));
    return make_error_code(in_text.error().code).message() + ": " + in_text.error().message;
  }
  EXPECT_EQ(*in_text, naive::text_of(*in_document)) << text << " of " << value;
  EXPECT_EQ(*in_text, *resolved) << text << " of " << value;
  return naive::json_of(*in_document);
}

struct row {
  std::string_view filters;
  std::string_view value;
  std::string_view result;
};

template <std::size_t Count>
void expect_filtered(const row (&rows)[Count]) {
  for (const row& each : rows) {
    EXPECT_EQ(filtered(each.filters, each.value), each.result) << each.filters << each.value;
  }
}

TEST(filters, take_every_kind_of_value) {
  const row rows[] = {
      {"json", "null", R"("null")"},
      {"json", "true", R"("true")"},
      {"json", "-7", R"("-7")"},
      {"json", "18446744073709551615", R"("18446744073709551615")"},
      {"json", "2.0", R"("2.0")"},
      {"json", R"("a\"\n")", R"("\"a\\\"\\n\"")"},
      {"json", R"([1,"x"])", R"("[1,\"x\"]")"},
      {"json", R"({"k":null})", R"("{\"k\":null}")"},
      {"string", "null", R"("null")"},
      {"string", "false", R"("false")"},
      {"string", "-7", R"("-7")"},
      {"string", "18446744073709551615", R"("18446744073709551615")"},
      {"string", "2.0", R"("2.0")"},
      {"string", R"("a\"\n")", R"("a\"\n")"},
      {"string", R"([1,"x"])", R"("[1,\"x\"]")"},
      {"string", R"({"k":null})", R"("{\"k\":null}")"},
      {"length", R"("")", "0"},
      {"length", R"("text")", "4"},
      {"length", R"("é€🕓\n")", "4"},
      {"length", "[]", "0"},
      {"length", "[1,[2,3]]", "2"},
      {"length", R"({"k":null})", "1"},
      {"match('x')", R"("text")", "true"},
      {"match('X')", R"("text")", "false"},
      {"match('^tr')", "true", "true"},
      {"match('^-?[0-9]+$')", "-7", "true"},
      {"match('^18446744073709551615$')", "18446744073709551615", "true"},
      {"match('\\\\.0$')", "2.0", "true"},
      {"match('null')", "null", "true"},
      {"replace('x','y')", R"("text")", R"("teyt")"},
      {"replace('1','2')", "1", R"("2")"},
      {"replace('u.*','')", "true", R"("tr")"},
      {"replace('l','L')", "null", R"("nuLL")"},
      {"replace('\\\\.',',')", "2.0", R"("2,0")"},
      {"default(1)", "null", "null"},
      {"default(1)", "false", "false"},
      {"default(1)", "2.0", "2.0"},
      {"default(1)", R"("")", R"("")"},
      {"default(1)", "[1]", "[1]"},
      {"default(1)", "{}", "{}"},
  };
  expect_filtered(rows);
}

TEST(filters, refuse_values_of_the_wrong_type) {
  const row rows[] = {
      {"length", "null",
       "a value has the wrong type: length of null: it takes text, an array or an object"},
      {"length", "true",
       "a value has the wrong type: length of a truth value: it takes text, an array or an object"},
      {"length", "7",
       "a value has the wrong type: length of a number: it takes text, an array or an object"},
      {"length", "18446744073709551615",
       "a value has the wrong type: length of a number: it takes text, an array or an object"},
      {"length", "2.0",
       "a value has the wrong type: length of a number: it takes text, an array or an object"},
      {"length|length", R"("text")",
       "a value has the wrong type: length of a number: it takes text, an array or an object"},
      {"match('x')", "[]", "a value has the wrong type: match in an array: it takes text"},
      {"match('x')", "{}", "a value has the wrong type: match in an object: it takes text"},
      {"replace('x','y')", "[]", "a value has the wrong type: replace in an array: it takes text"},
      {"replace('x','y')", "{}", "a value has the wrong type: replace in an object: it takes text"},
  };
  expect_filtered(rows);
}

TEST(filters, give_defaults_only_where_there_is_no_value) {
  const row rows[] = {
      {"default('d')", "", R"("d")"},
      {"default('')", "", R"("")"},
      {"default('q\\\"\\'\\\\')", "", R"("q\"'\\")"},
      {"default('{{ a }}')", "", R"("{{ a }}")"},
      {"default(0)", "", "0"},
      {"default(-1.25)", "", "-1.25"},
      {"default(2.0)", "", "2.0"},
      {"default(1e2)", "", "100.0"},
      {"default(18446744073709551615)", "", "18446744073709551615"},
      {"default(true)", "", "true"},
      {"default(false)", "", "false"},
      {"default(null)", "", "null"},
      {"default(1)|default(2)", "", "1"},
      {"json|default('d')", "", R"("d")"},
      {"length|match('x')|replace('x','y')|string|default('d')", "", R"("d")"},
      {"length|default('d')|length", "", "1"},
      {"default('abc')|length", "", "3"},
      {"default('abc')|replace('b','-')", "", R"("a-c")"},
      {"default(null)|string", "", R"("null")"},
      {"default(null)|default(1)", "", "null"},
      {"json", "", "unknown reference: unknown reference \"a | json\""},
      {"length", "", "unknown reference: unknown reference \"a | length\""},
      {"match('x')", "", "unknown reference: unknown reference \"a | match('x')\""},
      {"string|json", "", "unknown reference: unknown reference \"a | string|json\""},
      {"default(1)|length", "",
       "a value has the wrong type: length of a number: it takes text, an array or an object"},
  };
  expect_filtered(rows);
}

TEST(filters, are_chained) {
  const row rows[] = {
      {"json|json", R"("x")", R"("\"\\\"x\\\"\"")"},
      {"json|json|length", R"("x")", "7"},
      {"json|string", "[1]", R"("[1]")"},
      {"string|length", "[1,2]", "5"},
      {"json|length", R"("é")", "3"},
      {"length|string|length", R"("0123456789")", "2"},
      {"length|json", "[1]", R"("1")"},
      {"length|match('^1$')", "[1]", "true"},
      {"match('x')|string", R"("x")", R"("true")"},
      {"match('x')|match('true')", R"("x")", "true"},
      {"match('x')|replace('t','T')", R"("x")", R"("True")"},
      {"replace('a','b')|replace('b','c')", R"("ab")", R"("cc")"},
      {"replace('','-')|length", R"("ab")", "5"},
      {"json|replace('\"','')", R"("ab")", R"("ab")"},
      {"string()|json ( )|default( 'x' )", "1", R"("\"1\"")"},
  };
  expect_filtered(rows);
}

TEST(filters, take_constants_too) {
  struct constant {
    std::string_view text;
    std::string_view result;
  };
  const constant rows[] = {
      {"{{ '{{' | json }}", "\"{{\""},
      {"{{ 'abc' | length }}", "3"},
      {"{{ 'a.c' | replace('\\.', '}}') }}", "a}}c"},
      {"{{ '' | default('x') }}", ""},
      {"{{ 'x' | match('^x$') | string }}", "true"},
  };
  context values;
  resolver resolving;
  for (const constant& each : rows) {
    EXPECT_EQ(render(compile(each.text).value(), values).value(), each.result) << each.text;
    EXPECT_EQ(resolving.resolve(each.text, values).value(), each.result) << each.text;
  }
}

TEST(filters, keep_long_results) {
  const std::string long_text(1'000, 'x');
  const json::value value = json::array{json::string(long_text), 1};
  context values;
  values.set("a", value);
  const auto compiled = compile("{{ a[0] | replace('x', 'yz') }}{{ a | string }}{{ a | json }}");
  std::string expected;
  for (int count = 0; count < 1'000; ++count) {
    expected += "yz";
  }
  expected += "[\"" + long_text + "\",1][\"" + long_text + "\",1]";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(render(compiled.value(), values).value(), expected);
    values.forget();
  }
}

}  // namespace
}  // namespace engine::templating
