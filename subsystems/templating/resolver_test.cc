// The resolver against compile() and render(), which must give the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
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

result<std::string> compiled_and_rendered(std::string_view text, context& values,
                                          const limits& bounds = {}) {
  const auto compiled = compile(text, bounds);
  if (!compiled) {
    return compiled.error();
  }
  return render(*compiled, values);
}

void expect_same(std::string_view text, const result<std::string_view>& resolved,
                 const result<std::string>& expected) {
  ASSERT_EQ(resolved.has_value(), expected.has_value())
      << text << ": " << (resolved ? expected.error().what() : resolved.error().what());
  if (resolved) {
    ASSERT_EQ(*resolved, *expected) << text;
  } else {
    ASSERT_EQ(resolved.error().code, expected.error().code)
        << text << ": " << resolved.error().what() << ", not " << expected.error().what();
    ASSERT_EQ(resolved.error().where, expected.error().where) << text;
  }
}

TEST(resolver, gives_what_compiled_templates_give) {
  const json::value document = json::parse(
      R"({"b": "text", "long": "0123456789012345678901234567890123456789", "n": [1, 2.0, null],
          "braces": "{{ a.b }}", "empty": "", "k.l": {"m": true}, "it's": "}}"})");
  const std::string_view texts[] = {
      "",
      "plain",
      "{",
      "}}",
      "{{ a.b }}",
      "<{{a.b}}>",
      "{{a.b}}{{a.long}}{{a.n}}{{a.b}}",
      "{{a.empty}}",
      "{{a}}",
      "{{ a.braces }}{{ a.braces }}",
      "{{ a.k.l.m }}{{ a['k.l'].m }}",
      "{{ a['it\\'s'] }}{{ a[\"it's\"] }}",
      "{{ a.n[1] }}{{ a . n [ 1 ] }}",
      "{{ '{{' }}{{ \"}}\" }}",
      "{{ a.b | json }}{{ a.n | length }}{{ a.x | default('}}') }}",
      "{{ a.b | replace('t', 'tt') }}",
      "{{{{a.b}}}}",
      "{ {{a.b}} }",
      "{{a.b}}}",
      "{{a.b}",
      "{{a.b} }",
      "a {{",
      "{{a.b}} {{",
      "{{a.x}}",
      "{{a.b}} {{a.x}} {{a.b}}",
      "{{a.b}}\n{{=x}}",
      "{{a.n | match('x')}}",
      "{{a.b | nope}}",
      "{{a.b | match('(')}}",
      "{{ a.b 'x}} {{ a.b }}",
      "{{ a.long }}{{ 'x }} {{ a.b }}",
      // Where both a value and the grammar of a later placeholder are missed, the grammar counts.
      "{{a.x}} {{=y}}",
      "{{a.n | length}}{{a.b | length}}{{a.n[0] | length}}{{b}}{{",
  };
  context values;
  values.set("a", document);
  resolver resolving;
  for (const std::string_view text : texts) {
    for (int round = 0; round < 2; ++round) {
      expect_same(text, resolving.resolve(text, values), compiled_and_rendered(text, values));
    }
  }
}

TEST(resolver, gives_the_same_of_random_texts) {
  fixtures::random source(5);
  resolver resolving;
  int succeeded = 0;
  for (int round = 0; round < 4'000; ++round) {
    const naive::mounts mounts = naive::random_mounts(source);
    context values({.lenient = round % 4 == 0});
    for (const auto& [path, value] : mounts) {
      values.set(path, value);
    }
    for (int text_number = 0; text_number < 10; ++text_number) {
      const std::string text = naive::random_template(
          source, mounts, {.broken = 6, .filtered = 20, .constants = 10, .missing = 4});
      const result<std::string_view> resolved = resolving.resolve(text, values);
      succeeded += resolved.has_value() ? 1 : 0;
      ASSERT_NO_FATAL_FAILURE(expect_same(text, resolved, compiled_and_rendered(text, values)));
    }
  }
  EXPECT_GT(succeeded, 10'000);
  EXPECT_LT(succeeded, 35'000);
}

// Nothing but braces, quotes and a few names: what a grammar of placeholders would hardly make.
TEST(resolver, gives_the_same_of_random_bytes) {
  constexpr std::string_view bytes = "{{{{}}}}''\"\\ab.| [0]";
  const json::value document = json::parse(R"({"a": ["{{a}}"], "b": "'"})");
  context values;
  values.set("a", document);
  values.set("b", document);
  fixtures::random source(6);
  resolver resolving;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint32_t left = source.below(24); left > 0; --left) {
      text += bytes[source.below(bytes.size())];
    }
    ASSERT_NO_FATAL_FAILURE(
        expect_same(text, resolving.resolve(text, values), compiled_and_rendered(text, values)));
  }
}

TEST(resolver, returns_texts_without_placeholders_as_they_are) {
  context values;
  resolver resolving;
  for (const std::string_view text : {"", "a", "{ {", "}} a {", "'\"\\"}) {
    const auto resolved = resolving.resolve(text, values);
    ASSERT_TRUE(resolved.has_value()) << text;
    EXPECT_EQ(resolved->data(), text.data()) << text;
    EXPECT_EQ(resolved->size(), text.size()) << text;
  }
}

TEST(resolver, never_expands_a_value_again) {
  const json::value document = json::parse(R"(["{{ a }}", "{{", "a[0]", "}}"])");
  context values;
  values.set("a", document);
  resolver resolving;
  EXPECT_EQ(resolving.resolve("{{a[0]}}", values).value(), "{{ a }}");
  EXPECT_EQ(resolving.resolve("{{a[1]}}{{a[2]}}{{a[3]}}", values).value(), "{{a[0]}}");
  EXPECT_EQ(resolving.resolve("{{a[1]}} a[0] }}", values).value(), "{{ a[0] }}");
  EXPECT_EQ(resolving.resolve("{{'{{'}}a[0]}}", values).value(), "{{a[0]}}");
}

TEST(resolver, uses_its_buffer_again) {
  const json::value document(json::string(100, 'v'));
  context values;
  values.set("a", document);
  resolver resolving;
  const auto place_of = [&](std::string_view text) {
    return reinterpret_cast<std::uintptr_t>(resolving.resolve(text, values).value().data());
  };
  const std::uintptr_t memory = place_of("{{ a }}{{ a }}{{ a }}");
  for (const std::string_view text : {"{{ a }}", "<{{ a }}>", "{{ a }}{{ a }}", "x{{ 'y' }}"}) {
    // Where in the buffer a result begins, depends on where its text lies.
    EXPECT_LT(place_of(text) - memory + 4'096, 8'192U) << text;
  }
  EXPECT_FALSE(resolving.resolve("{{ b }}", values).has_value());
  EXPECT_EQ(resolving.resolve("{{ a }}", values).value(), std::string(100, 'v'));
}

TEST(resolver, takes_its_last_result) {
  const json::value document = json::parse(
      R"({"next": "<{{ a.next }}{{ a.b }}>", "b": "0123456789012345678901234567890123456789"})");
  context values;
  values.set("a", document);
  resolver resolving;
  resolver fresh;
  std::string_view text = "{{ a.next }}{{ a.b }}";
  std::string expected(text);
  for (int round = 0; round < 200; ++round) {
    expected = std::string(fresh.resolve(expected, values).value());
    text = resolving.resolve(text, values).value();
    ASSERT_EQ(text, expected);
    if (round % 5 == 0) {  // Some of it, which has placeholders or not.
      const std::size_t from = expected.size() / (2 + static_cast<std::size_t>(round) % 7);
      const std::size_t opening = expected.find(round % 2 == 0 ? "{{" : "<", from);
      text = text.substr(opening == std::string::npos ? 0 : opening);
      expected = std::string(text);
    }
    if (expected.size() > 100'000) {
      text = text.substr(text.size() - 100);
      expected = std::string(text);
    }
  }
}

TEST(resolver, refuses_its_last_result_as_any_text) {
  const json::value document = json::parse(R"(["{{ a[0] }} {{ b }}", "{{ a[0] }} {{ a[0 }}"])");
  context values;
  values.set("a", document);
  resolver resolving;
  for (const std::string_view text : {"{{ a[0] }}", "{{ a[1] }}"}) {
    const std::string_view made = resolving.resolve(text, values).value();
    const std::string copy(made);
    const auto resolved = resolving.resolve(made, values);
    ASSERT_FALSE(resolved.has_value());
    expect_same(copy, resolved, compiled_and_rendered(copy, values));
  }
}

TEST(resolver, may_be_moved) {
  const json::value document(json::string(100, 'v'));
  context values;
  values.set("a", document);
  resolver first;
  const auto resolved = first.resolve("<{{ a }}>", values);
  // Casts, as clang-tidy would allow nothing more with what std::move was called for.
  resolver second = static_cast<resolver&&>(first);
  EXPECT_EQ(resolved.value(), "<" + std::string(100, 'v') + ">");  // Its memory moved along.
  EXPECT_EQ(second.resolve("{{ a['b'] | default('\\'') }}", values).value(), "'");
  resolver third({.placeholders_max = 1});
  EXPECT_FALSE(third.resolve("{{ a }}{{ a }}", values).has_value());
  third = static_cast<resolver&&>(second);
  EXPECT_TRUE(third.resolve("{{ a }}{{ a }}", values).has_value());
  for (resolver* moved_from : {&first, &second}) {
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(moved_from->resolve("<{{ a }}{{ b | default('') }}>", values).value(),
                "<" + std::string(100, 'v') + ">");
      EXPECT_FALSE(moved_from->resolve("{{ a", values).has_value());
    }
  }
}

TEST(resolver, makes_room_for_values_of_all_sizes) {
  json::object document;
  const std::size_t sizes[] = {0, 1, 31, 32, 33, 127, 128, 129, 511, 512, 4'095, 100'000};
  for (const std::size_t size : sizes) {
    document[fmt::format("v{}", size)] = json::string(size, 'v');
  }
  const json::value whole = document;
  context values;
  values.set("a", whole);
  for (const std::size_t first : sizes) {
    for (const std::size_t second : sizes) {
      for (const std::size_t literal : sizes) {
        const std::string around(literal, 'l');
        const std::string text =
            fmt::format("{0}{{{{a.v{1}}}}}{0}{{{{a.v{2}}}}}{0}", around, first, second);
        resolver fresh;
        ASSERT_EQ(fresh.resolve(text, values).value(),
                  fmt::format("{0}{1}{0}{2}{0}", around, std::string(first, 'v'),
                              std::string(second, 'v')));
      }
    }
  }
}

TEST(resolver, keeps_limits) {
  struct row {
    limits bounds;
    std::string_view text;
    errc code;
  };
  const row rows[] = {
      {{.template_bytes_max = 3}, "text", errc::template_too_big},
      {{.placeholders_max = 1}, "{{a}}\n{{a}}", errc::too_many_placeholders},
      {{.path_depth_max = 1}, "{{a.b}}", errc::too_deep},
      {{.filters_max = 1}, "{{a|json|json}}", errc::too_many_filters},
      {{.pattern_bytes_max = 1}, "{{a|match('xx')}}", errc::bad_pattern},
      {{.output_bytes_max = 5}, "{{a}}{{a}}", errc::output_too_big},
      {{.output_bytes_max = 5}, "{{a}}  ", errc::output_too_big},
      {{.output_bytes_max = 5}, "123456", errc::output_too_big},
  };
  const json::value document = "text";
  for (const row& each : rows) {
    context values({.bounds = each.bounds});
    values.set("a", document);
    resolver resolving(each.bounds);
    const auto resolved = resolving.resolve(each.text, values);
    ASSERT_FALSE(resolved.has_value()) << each.text;
    EXPECT_EQ(resolved.error().code, each.code) << each.text << resolved.error().what();
    expect_same(each.text, resolved, compiled_and_rendered(each.text, values, each.bounds));
  }
}

}  // namespace
}  // namespace engine::templating
