#include "subsystems/templating/render.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

// What `text` becomes, or why it does not: "2:1: …".
std::string rendering_of(std::string_view text, context& values) {
  const auto compiled = compile(text);
  if (!compiled) {
    return "not compiled: " + compiled.error().what();
  }
  const auto made = render(*compiled, values);
  return made ? *made : made.error().what();
}

TEST(render, writes_values_as_text) {
  struct row {
    std::string_view text;
    std::string_view value;  // JSON, of "a"
    std::string_view result;
  };
  const row rows[] = {
      {"", "1", ""},
      {"plain {a} }} text", "1", "plain {a} }} text"},
      {"{{a}}", R"("text")", "text"},
      {"{{ a }}", R"("")", ""},
      {"<{{\ta\n}}>", R"("x")", "<x>"},
      {"{{a}}{{a}} {{a}}", R"("x")", "xx x"},
      {"{{a}}", "0", "0"},
      {"{{a}}", "-9223372036854775808", "-9223372036854775808"},
      {"{{a}}", "18446744073709551615", "18446744073709551615"},
      {"{{a}}", "2.0", "2.0"},
      {"{{a}}", "-0.0", "-0.0"},
      {"{{a}}", "0.5", "0.5"},
      {"{{a}}", "1e300", "1e+300"},
      {"{{a}}", "123456789.25", "123456789.25"},
      {"{{a}}", "true", "true"},
      {"{{a}}", "false", "false"},
      {"{{a}}", "null", "null"},
      {"{{a}}", "[]", "[]"},
      {"{{a}}", "{}", "{}"},
      {"{{a}}", R"([1, "x", null, [2.0], {"k": true}])", R"([1,"x",null,[2.0],{"k":true}])"},
      {"{{a}}", R"({"k": "q\"\\\n\u0001\u001f/"})", R"({"k":"q\"\\\n\u0001\u001f/"})"},
      {"{{a}}", R"({"\"": "é\u20ac\ud83d\udd53"})", R"({"\"":"é€🕓"})"},
      {"{{a}}", R"("q\"\\\n")", "q\"\\\n"},
      {"{{a}}", R"("{{a}}")", "{{a}}"},
      {"{{a}}}}", R"("{{")", "{{}}"},
      {"{{a}}a}}", R"("{{")", "{{a}}"},
      {"{{a}}", R"("{{ 'x' }} {{=y}} {{")", "{{ 'x' }} {{=y}} {{"},
      {"{{a}}{{'{{'}}{{a}}", R"("'")", "'{{'"},
      {"{{'{{'}}a{{\"}}\"}}", "1", "{{a}}"},
      {"é{{a}}€", R"("🕓")", "é🕓€"},
      {"{{a}}", R"("a\u0000b")", std::string_view("a\0b", 3)},
      {"\xFF{{a}}\xFE", R"("x")", "\xFFx\xFE"},
      {"{{a.b.c}}", R"({"b": {"c": 1}})", "1"},
      {"{{a.b}}", R"({"b": {"c": 1}})", R"({"c":1})"},
      {"{{a[1]}}", "[1, 2]", "2"},
      {"{{a[001]}}", "[1, 2]", "2"},
      {"{{a[0][1].b}}", R"([[0, {"b": 3}]])", "3"},
      {"{{a['b c']}}", R"({"b c": 4})", "4"},
      {"{{a['']}}", R"({"": 5})", "5"},
      {"{{a['it\\'s']['\\\\']}}", R"({"it's": {"\\": 6}})", "6"},
      {"{{a['}}']}}", R"({"}}": 7})", "7"},
      {"{{a['0']}}{{a.0}}", R"({"0": 8})", "88"},
      {"{{a.größe}}", R"({"größe": 9})", "9"},
      {"{{a | default('x')}}", "1", "1"},
      {"{{a.b | default('x')}}", "1", "x"},
  };
  for (const row& each : rows) {
    const json::value document = json::parse(each.value);
    context values;
    values.set("a", document);
    EXPECT_EQ(rendering_of(each.text, values), each.result) << each.text << " of " << each.value;
  }
}

TEST(render, refuses_references_without_a_value) {
  const json::value document = json::parse(R"({"b": [1, {"c": null}], "d": "text"})");
  struct row {
    std::string_view text;
    std::string_view what;
  };
  const row rows[] = {
      {"{{ b }}", "1:1: unknown reference \"b\""},
      {"{{a.x}}", "1:1: unknown reference \"a.x\""},
      {"{{a}}\n {{ a.b.c }}", "2:2: unknown reference \"a.b.c\""},
      {"{{ a.b[2] }}", "1:1: unknown reference \"a.b[2]\""},
      {"{{a.b['0']}}", "1:1: unknown reference \"a.b['0']\""},
      {"{{a.b.0}}", "1:1: unknown reference \"a.b.0\""},
      {"{{a[0]}}", "1:1: unknown reference \"a[0]\""},
      {"{{a.d[0]}}", "1:1: unknown reference \"a.d[0]\""},
      {"{{a.d.e}}", "1:1: unknown reference \"a.d.e\""},
      {"{{a.b[1].c.d}}", "1:1: unknown reference \"a.b[1].c.d\""},
      {"{{a.b[4294967295]}}", "1:1: unknown reference \"a.b[4294967295]\""},
      {"{{['b'].a}}", "1:1: unknown reference \"['b'].a\""},
      {"{{ a.x | json }}", "1:1: unknown reference \"a.x | json\""},
      {"{{ A }}", "1:1: unknown reference \"A\""},
      {"{{ \xFF }}", "1:1: unknown reference \"\\xff\""},
  };
  for (const row& each : rows) {
    context values;
    values.set("a", document);
    EXPECT_EQ(rendering_of(each.text, values), each.what);
    EXPECT_EQ(rendering_of(each.text, values), each.what) << "again";
  }
}

TEST(render, lets_references_be_unknown_where_lenient) {
  const json::value document = json::parse(R"({"b": null})");
  context values({.lenient = true});
  values.set("a", document);
  struct row {
    std::string_view text;
    std::string_view result;
  };
  const row rows[] = {
      {"<{{x}}>", "<>"},
      {"<{{a.x}}{{a.b}}>", "<null>"},
      {"<{{x | json}}>", "<>"},
      {"<{{x | length}}>", "<>"},
      {"<{{x | default('d')}}>", "<d>"},
      {"<{{x | json | default(1) | string}}>", "<1>"},
      {"<{{x}}{{'y'}}>", "<y>"},
      {"{{a.b | length}}", "1:1: length of null: it takes text, an array or an object"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(rendering_of(each.text, values), each.result) << each.text;
  }
}

TEST(render, leaves_the_buffer_alone_on_failure) {
  const json::value document = "value";
  context values;
  values.set("a", document);
  const compiled_template good = compile("<{{ a }}>").value();
  const compiled_template bad = compile("<{{ a }}{{ b }}>").value();

  std::string text = "before";
  EXPECT_EQ(render(bad, values, text).error().code, errc::unknown_reference);
  EXPECT_EQ(text, "before");
  EXPECT_TRUE(render(good, values, text).has_value());
  EXPECT_EQ(text, "<value>");

  std::array<char, 8> buffer;
  buffer.fill('x');
  EXPECT_EQ(render(bad, values, buffer).error().code, errc::unknown_reference);
  const auto too_small = render(good, values, std::span(buffer).first(6));
  ASSERT_FALSE(too_small.has_value());
  EXPECT_EQ(too_small.error().code, errc::buffer_too_small);
  EXPECT_EQ(too_small.error().what(), "the result has 7 bytes, the buffer 6");
  EXPECT_EQ(std::string_view(buffer.data(), buffer.size()), "xxxxxxxx");
  EXPECT_EQ(render(good, values, std::span(buffer).first(7)).value(), 7U);
  EXPECT_EQ(std::string_view(buffer.data(), buffer.size()), "<value>x");
  EXPECT_EQ(render(compile("").value(), values, std::span<char>()).value(), 0U);
  EXPECT_EQ(render(good, values, std::span<char>()).error().code, errc::buffer_too_small);
}

TEST(render, fills_buffers_of_the_exact_size) {
  for (std::size_t size = 0; size <= 300; ++size) {
    const json::value document(json::string(size, 'v'));
    context values;
    values.set("a", document);
    for (const std::size_t literal : std::vector<std::size_t>{0, 1, 31, 32, 33, 64, 200}) {
      const std::string around(literal, 'l');
      const std::string expected = fmt::format("{0}{1}{1}{0}", around, std::string(size, 'v'));
      const compiled_template compiled =
          compile(fmt::format("{0}{{{{ a }}}}{{{{a}}}}{0}", around)).value();
      std::vector<char> exact(expected.size());
      ASSERT_EQ(render(compiled, values, exact).value(), expected.size());
      ASSERT_EQ(std::string_view(exact.data(), exact.size()), expected);
      std::string reused(size, 'x');
      for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(render(compiled, values, reused).has_value());
        ASSERT_EQ(reused, expected);
      }
    }
  }
}

TEST(render, uses_memory_again) {
  const json::value document = "12345";
  context values;
  values.set("a", document);
  std::string text(100, 'x');
  const char* const memory = text.data();
  struct row {
    std::string_view source;
    std::string_view result;
  };
  const row rows[] = {
      {"<{{ a }}>", "<12345>"}, {"", ""},   {"<{{ a }}{{ a }}>", "<1234512345>"},
      {"{{ a }}", "12345"},     {"x", "x"},
  };
  for (const row& each : rows) {
    ASSERT_TRUE(render(compile(each.source).value(), values, text).has_value());
    EXPECT_EQ(text, each.result) << each.source;
    EXPECT_EQ(text.data(), memory) << each.source;
  }
}

TEST(render, takes_one_template_in_many_contexts) {
  const compiled_template compiled = compile("<{{ a.b }}{{ a.b | json }}>").value();
  std::vector<json::value> documents;
  for (int number = 0; number < 100; ++number) {
    const std::string value = fmt::format("value {} {}", number, std::string(40, 'x'));
    documents.push_back({{"b", json::string(value)}});
  }
  std::vector<context> contexts(documents.size());
  for (std::size_t number = 0; number < documents.size(); ++number) {
    contexts[number].set("a", documents[number]);
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t number = 0; number < documents.size(); ++number) {
      const std::string value = fmt::format("value {} {}", number, std::string(40, 'x'));
      EXPECT_EQ(render(compiled, contexts[number]).value(), fmt::format("<{0}\"{0}\">", value));
    }
  }
}

TEST(render, may_write_over_the_text_that_was_compiled) {
  const json::value document = json::parse(R"({"b": "0123456789012345678901234567890123456789"})");
  context values;
  values.set("a", document);
  std::string text = "{{ a.b }} and {{ a }}";
  const std::string expected = render(compile(text).value(), values).value();
  const compiled_template compiled = compile(text).value();
  text.resize(200, ' ');
  const compiled_template longer = compile(text).value();
  const std::size_t size = render(compiled, values, std::span(text)).value();
  EXPECT_EQ(text.substr(0, size), expected);
  ASSERT_TRUE(render(compiled, values, text).has_value());
  EXPECT_EQ(text, expected);
  EXPECT_EQ(render(longer, values).value().substr(0, size), expected);
}

TEST(render, takes_what_was_moved_from_for_an_empty_text) {
  const json::value document = "value";
  context values({.templates_max = 1});
  values.set("a", document);
  std::vector<compiled_template> all;
  for (int round = 0; round < 3; ++round) {
    compiled_template first = compile("<{{ a }}>").value();
    EXPECT_EQ(render(first, values).value(), "<value>");
    // Casts, as clang-tidy would allow nothing more with what std::move was called for.
    compiled_template second = static_cast<compiled_template&&>(first);
    compiled_template third = compile_document(document).value();
    const compiled_template fourth = static_cast<compiled_template&&>(third);
    compiled_template fifth = compile("{{ a }}").value();
    fifth = static_cast<compiled_template&&>(second);
    for (const compiled_template* each : {&first, &second, &third}) {
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(render(*each, values).value(), "");
        EXPECT_EQ(render(fifth, values).value(), "<value>");
      }
      std::string text = "not empty";
      EXPECT_TRUE(render(*each, values, text).has_value());
      EXPECT_EQ(text, "");
      EXPECT_EQ(each->source(), "");
      EXPECT_FALSE(each->is_document());
      EXPECT_EQ(each->placeholder_count(), 0U);
      EXPECT_GT(each->bytes(), 0U);
      EXPECT_TRUE(references(*each).empty());
    }
    first = static_cast<compiled_template&&>(second);  // Of two that are empty.
    second = fifth;
    EXPECT_EQ(render(second, values).value(), "<value>");
    EXPECT_EQ(render(first, values).value(), "");
    all.push_back(std::move(fifth));
    EXPECT_EQ(render(fourth, values).value(), "\"value\"");
  }
  for (const compiled_template& each : all) {
    EXPECT_EQ(render(each, values).value(), "<value>");
  }
}

TEST(render, outlives_templates_and_follows_moves) {
  const json::value document(json::string(50, 'v'));
  context values;
  values.set("a", document);
  const std::string long_value(50, 'v');
  std::string text;
  for (int round = 0; round < 200; ++round) {
    // Each dies at once; nothing remembered of it may be taken for the next.
    compiled_template compiled = compile(fmt::format("{} {{{{ a }}}}", round)).value();
    compiled_template moved = std::move(compiled);
    ASSERT_TRUE(render(moved, values, text).has_value());
    EXPECT_EQ(text, fmt::format("{} {}", round, long_value));
  }
  const compiled_template compiled = compile("{{ a }}!").value();
  EXPECT_EQ(render(compiled, values).value(), long_value + "!");
  context other = std::move(values);
  EXPECT_EQ(render(compiled, other).value(), long_value + "!");
  const json::value short_value = "s";
  context third;
  third.set("a", short_value);
  EXPECT_EQ(render(compiled, third).value(), "s!");
  third = std::move(other);
  EXPECT_EQ(render(compiled, third).value(), long_value + "!");
}

}  // namespace
}  // namespace engine::templating
