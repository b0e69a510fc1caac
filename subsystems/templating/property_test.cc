// What must hold of any text, found by random ones.

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/support/utf8.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/json_text_internal.h"
#include "subsystems/templating/naive_reference_inputs.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

TEST(property, rendering_is_what_the_reference_does) {
  fixtures::random source(1);
  int rendered = 0;
  int refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    const naive::mounts mounts = naive::random_mounts(source);
    context values;
    for (const auto& [path, value] : mounts) {
      values.set(path, value);
    }
    for (int text_number = 0; text_number < 6; ++text_number) {
      const std::string text = naive::random_template(
          source, mounts, {.broken = 3, .filtered = 0, .constants = 5, .missing = 4});
      const auto expected = naive::render(text, mounts);
      const auto compiled = compile(text);
      const auto made = compiled ? render(*compiled, values) : compiled.error();
      ASSERT_EQ(made.has_value(), expected.has_value())
          << text << ": " << (made ? "rendered" : made.error().what());
      if (made) {
        ASSERT_EQ(*made, *expected) << text;
        ++rendered;
      } else {
        ASSERT_TRUE(support::is_utf8(made.error().what())) << text;
        ++refused;
      }
    }
  }
  EXPECT_GT(rendered, 15'000);
  EXPECT_GT(refused, 2'000);
}

// Values are all placeholders and halves of them: the text made must be theirs, letter by letter.
TEST(property, values_are_never_expanded) {
  constexpr std::string_view halves[] = {"{{", "}}", "{", "}", "a", " a ", "'", "{{a}}", "{{ b }}"};
  fixtures::random source(2);
  for (int round = 0; round < 5'000; ++round) {
    std::string parts[2];
    for (std::string& part : parts) {
      for (std::uint32_t left = source.below(5); left > 0; --left) {
        part += halves[source.below(std::size(halves))];
      }
    }
    const json::value a(json::string{parts[0]});
    const json::value b(json::string{parts[1]});
    context values;
    values.set("a", a);
    values.set("b", b);
    resolver resolving;
    const std::string_view text = "{{a}}{{b}}}}{{a}} a }}{{ '{{' }}{{b}}";
    const std::string expected = parts[0] + parts[1] + "}}" + parts[0] + " a }}" + "{{" + parts[1];
    ASSERT_EQ(render(compile(text).value(), values).value(), expected);
    ASSERT_EQ(resolving.resolve(text, values).value(), expected);
  }
}

TEST(property, escaping_is_undone_by_a_json_parser) {
  fixtures::random source(13);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint32_t left = source.below(80); left > 0; --left) {
      // ASCII with all its control characters, and now and then something beyond.
      const std::uint32_t drawn = source.below(136);
      text += drawn < 128 ? std::string(1, static_cast<char>(drawn)) : drawn < 132 ? "é" : "🕓";
    }
    std::string escaped = "\"";
    internal::append_escaped(text, escaped);
    escaped += '"';
    boost::system::error_code problem;
    const json::value parsed = json::parse(escaped, problem);
    ASSERT_FALSE(problem) << escaped;
    ASSERT_EQ(parsed, json::value(json::string(text))) << escaped;
    ASSERT_EQ(escaped, naive::json_of(json::value(json::string(text))));
  }
}

TEST(property, json_text_is_read_back_by_a_json_parser) {
  fixtures::random source(14);
  for (int round = 0; round < 20'000; ++round) {
    const json::value value = naive::random_value(source, 4);
    std::string text = "before";
    ASSERT_TRUE(internal::append_json(value, {64, 1'000'000}, text).has_value());
    ASSERT_EQ(text, "before" + naive::json_of(value));
    ASSERT_EQ(json::parse(std::string_view(text).substr(6)), value) << text;
  }
}

}  // namespace
}  // namespace engine::templating
