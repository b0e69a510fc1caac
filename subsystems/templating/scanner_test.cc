#include "subsystems/templating/scanner.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/naive_reference_inputs.h"

namespace engine::templating {
namespace {

std::vector<placeholder> found_in(scanner& of) {
  std::vector<placeholder> all;
  for (placeholder found{}; of.next(found);) {
    all.push_back(found);
  }
  return all;
}

TEST(scanner, finds_placeholders) {
  struct row {
    std::string_view text;
    std::vector<std::string_view> found;
    std::size_t unterminated_at = std::string_view::npos;
  };
  const row rows[] = {
      {"", {}},
      {"plain", {}},
      {"{a}", {}},
      {"{ { a } }", {}},
      {"}} a", {}},
      {"{", {}},
      {"{{}}", {"{{}}"}},
      {"{{a}}", {"{{a}}"}},
      {"a {{ b }} c {{d}}", {"{{ b }}", "{{d}}"}},
      {"{{a}}{{b}}", {"{{a}}", "{{b}}"}},
      {"{{a}}}", {"{{a}}"}},
      {"{{{a}}}", {"{{{a}}"}},
      {"{{a}}{", {"{{a}}"}},
      {"{{ a } }}", {"{{ a } }}"}},
      {"{{ a {{ b }} c }}", {"{{ a {{ b }}"}},
      {"{{=a > 1 ? '}}' : 'x'}}", {"{{=a > 1 ? '}}' : 'x'}}"}},
      {"{{ '}}' }}", {"{{ '}}' }}"}},
      {"{{ \"}}\" }} '", {"{{ \"}}\" }}"}},
      {"{{ \"'\" }} {{ a }}", {"{{ \"'\" }}", "{{ a }}"}},
      {"{{ '\\'}}' }}", {"{{ '\\'}}' }}"}},
      {"{{ '\\\\' }} }}", {"{{ '\\\\' }}"}},
      {"{{ \\}} }}", {"{{ \\}}"}},
      {"'{{a}}'", {"{{a}}"}},
      {"{{\n}}", {"{{\n}}"}},
      {"{{", {}, 0},
      {"a {{ b", {}, 2},
      {"a {{ b }", {}, 2},
      {"{{a}} {{'}}", {"{{a}}"}, 6},
      {"{{ it's }}", {}, 0},
      {"{{ '\\' }}", {}, 0},
      {"{{ '\\", {}, 0},
      {"{{a}}{{{", {"{{a}}"}, 5},
  };
  for (const row& each : rows) {
    scanner scanned(each.text);
    EXPECT_FALSE(scanned.unterminated()) << each.text;
    std::vector<std::string_view> found;
    for (const placeholder& span : found_in(scanned)) {
      found.push_back(each.text.substr(span.begin, span.end - span.begin));
    }
    EXPECT_EQ(found, each.found) << each.text;
    EXPECT_EQ(scanned.unterminated_at(), each.unterminated_at) << each.text;
    EXPECT_EQ(scanned.unterminated(), each.unterminated_at != std::string_view::npos) << each.text;
    placeholder untouched{1, 2};
    EXPECT_FALSE(scanned.next(untouched)) << each.text << " again";
    EXPECT_EQ(untouched, (placeholder{1, 2})) << each.text;
    EXPECT_EQ(scanned.unterminated_at(), each.unterminated_at) << each.text << " again";
  }
}

TEST(scanner, finds_what_the_reference_finds) {
  fixtures::random source(11);
  for (int round = 0; round < 20'000; ++round) {
    const naive::mounts mounts = naive::random_mounts(source);
    const std::string text = naive::random_template(
        source, mounts, {.broken = 5, .filtered = 20, .constants = 10, .missing = 0});
    std::vector<placeholder> expected;
    std::size_t opening = text.find("{{");
    std::size_t closing = 0;
    while (opening != std::string::npos) {
      closing = naive::closing_of(text, opening + 2);
      if (closing == std::string::npos) {
        break;
      }
      expected.push_back({opening, closing + 2});
      opening = text.find("{{", closing + 2);
    }
    scanner scanned(text);
    ASSERT_EQ(found_in(scanned), expected) << text;
    ASSERT_EQ(scanned.unterminated_at(), opening) << text;
  }
}

// Of a valid text, each span is a placeholder by itself, and nothing lies between them.
TEST(scanner, finds_what_compile_sees) {
  fixtures::random source(12);
  std::size_t placeholders = 0;
  for (int round = 0; round < 5'000; ++round) {
    const naive::mounts mounts = naive::random_mounts(source);
    const std::string text = naive::random_template(
        source, mounts, {.broken = 0, .filtered = 20, .constants = 0, .missing = 5});
    const auto compiled = compile(text);
    if (!compiled) {
      continue;
    }
    scanner scanned(text);
    const std::vector<placeholder> found = found_in(scanned);
    ASSERT_FALSE(scanned.unterminated()) << text;
    ASSERT_EQ(found.size(), compiled->placeholder_count()) << text;
    std::size_t at = 0;
    for (const placeholder& each : found) {
      ASSERT_EQ(compile(text.substr(each.begin, each.end - each.begin)).value().placeholder_count(),
                1U);
      ASSERT_EQ(text.substr(at, each.begin - at).find("{{"), std::string::npos);
      at = each.end;
    }
    ASSERT_EQ(text.find("{{", at), std::string::npos);
    placeholders += found.size();
  }
  EXPECT_GT(placeholders, 5'000U);
}

}  // namespace
}  // namespace engine::templating
