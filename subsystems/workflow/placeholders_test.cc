#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/placeholders_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::string_view head =
    "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\n"
    "metadata: {name: w}\nspec:\n  tasks:\n";

// A manifest whose only task has this input: in line 8, behind column 12.
std::string in_block(std::string_view input) {
  return fmt::format("{}    - name: a\n      type: t\n      with: {}\n", head, input);
}

// The same in a flow map: in line 6, behind column 31.
std::string in_flow(std::string_view input) {
  return fmt::format("{}    - {{name: a, type: t, with: {}}}\n", head, input);
}

std::string four_bytes_at(const std::string& text, position where) {
  std::istringstream lines(text);
  std::string line;
  for (std::uint32_t number = 0; number < where.line; ++number) {
    std::getline(lines, line);
  }
  return line.substr(where.column - 1, 4);
}

// "line:column" and the text there, for each "{{" of the last task's input.
std::string placeholders_of(const std::string& text) {
  const auto loaded = load_manifest(text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  std::string shown;
  for (const position& each : loaded->definitions.at(0).tasks.back().placeholders) {
    shown += fmt::format("{}{}:{} {}", shown.empty() ? "" : ", ", each.line, each.column,
                         four_bytes_at(text, each));
  }
  return shown;
}

struct place_row {
  std::string text;
  std::string places;
};

void expect_places(std::initializer_list<place_row> rows) {
  for (const place_row& each : rows) {
    EXPECT_EQ(placeholders_of(each.text), each.places) << each.text;
  }
}

TEST(placeholders, stand_where_their_text_does_in_plain_and_quoted_scalars) {
  expect_places({
      {in_block("x {{a}} {{b}}"), "8:15 {{a}, 8:21 {{b}"},
      {in_block("x {{a}} # {{c}}"), "8:15 {{a}"},
      {in_block("x {{a}}\n        y {{b}}\n\n        {{c}} # {{d}}"),
       "8:15 {{a}, 9:11 {{b}, 11:9 {{c}"},
      {in_block("'{{a}} '' {{b}}\n\n        {{c}}' # {{d}}"), "8:14 {{a}, 8:23 {{b}, 10:9 {{c}"},
      {in_block("\"{{a}} \\\" {{b}} \\\n        {{c}}\" # {{d}}"),
       "8:14 {{a}, 8:23 {{b}, 9:9 {{c}"},
      {in_block("\n        é {{a}}é {{b}}"), "9:12 {{a}, 9:20 {{b}"},
      {in_block("x{{{a}}}{{b}}"), "8:14 {{{a, 8:21 {{b}"},
      {in_flow("'{{a}}'"), "6:33 {{a}"},
      {in_flow("'{{{{a}}'"), "6:33 {{{{, 6:35 {{a}"},
      {in_flow("1"), ""},
      {in_flow("'{ {a}}'"), ""},
      {in_flow("{}"), ""},
  });
}

TEST(placeholders, stand_where_their_text_does_in_block_scalars) {
  expect_places({
      {in_block("|\n        {{a}}\n\n          {{b}} # {{c}}\n      # {{d}}"),
       "9:9 {{a}, 11:11 {{b}, 11:19 {{c}"},
      {in_block("| # {{d}}\n        {{a}}\n        {{b}}"), "9:9 {{a}, 10:9 {{b}"},
      {in_block(">-\n        {{a}}\n        {{b}}\n\n        {{c}}"),
       "9:9 {{a}, 10:9 {{b}, 12:9 {{c}"},
      {in_block(">2+\n         {{a}}\n        {{b}}\n"), "9:10 {{a}, 10:9 {{b}"},
  });
}

TEST(placeholders, stand_behind_tags_and_anchors) {
  expect_places({
      {in_block("&x '{{a}}'"), "8:17 {{a}"},
      {in_block("! '{{a}}'"), "8:16 {{a}"},
      {in_block("!\"{{a}}\""), "8:15 {{a}"},
      {in_block("&x\"y '{{a}}'"), "8:19 {{a}"},
      {in_block("&'x !!str \"{{a}}\""), "8:24 {{a}"},
      {in_block("!!str\n        &x # {{d}}\n        |\n        {{a}}"), "11:9 {{a}"},
      {in_block("&x !<tag:yaml.org,2002:str> \"{{a}}\""), "8:42 {{a}"},
  });
}

TEST(placeholders, are_in_the_order_of_the_values_and_never_of_keys) {
  expect_places({
      {in_block("\n        - x{{a}}\n        - [x, '{{b}}', \"{{c}}\"]\n        - k: '{{d}}'"),
       "9:12 {{a}, 10:16 {{b}, 10:25 {{c}, 11:15 {{d}"},
      {in_flow("{k: '{{a}}', '{{k}}': \"{{b}}\", l: [\"{{c}}\"]}"),
       "6:37 {{a}, 6:55 {{b}, 6:68 {{c}"},
      {in_block("\n        ? '{{k}}'\n        : '{{a}}'\n        b: 2"), "10:12 {{a}"},
      {in_block("[[x, [{k: [1.5, null, ['{{a}}']]}]], '{{b}}']"), "8:37 {{a}, 8:51 {{b}"},
  });
}

TEST(placeholders, of_an_alias_stand_where_its_target_does) {
  expect_places({
      {in_block("[&x '{{a}}', *x, '{{b}}', *x]"), "8:18 {{a}, 8:18 {{a}, 8:31 {{b}, 8:18 {{a}"},
      {fmt::format("{}    - {{name: a, type: t, with: &in {{k: ['{{{{a}}}}', 1]}}}}\n"
                   "    - {{name: b, type: t, with: [*in, '{{{{b}}}}']}}\n",
                   head),
       "6:42 {{a}, 7:39 {{b}"},
  });
}

// Between double quotes, "{{" can be written without "{{".
TEST(placeholders, that_escapes_hide_stand_where_their_scalar_does) {
  expect_places({
      {in_block("\"x \\x7b{a}} {{b}}\""), "8:13 \"x \\, 8:13 \"x \\"},
      {in_block("\"x {\\\n        {a}} {{b}}\""), "8:13 \"x {, 8:13 \"x {"},
      {in_block("['{{a}}', \"\\u007b\\u007bb}}\"]"), "8:15 {{a}, 8:23 \"\\u0"},
      {in_block("\"\\\\{{a}}\\\\\" # \"{{b}}\""), "8:16 {{a}"},
  });
}

TEST(placeholders, are_found_in_json_and_behind_carriage_returns) {
  expect_places({
      {R"({"apiVersion": "orchestration.headroom.dev/v1alpha1", "kind": "Workflow",
 "metadata": {"name": "j"}, "spec": {"tasks": [{"name": "a", "type": "t",
   "with": {"k": "\n\"{{a}}", "l": ["é{{b}}{{c}}"]}}]}})",
       "3:23 {{a}, 3:40 {{b}, 3:45 {{c}"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\r\nkind: Workflow\r\n"
       "metadata: {name: w}\r\nspec:\r\n  tasks:\r\n    - name: a\r\n      type: t\r\n"
       "      with:\r\n        - | # {{d}}\r\n          {{a}}\r\n\r\n          {{b}}\r\n"
       "        - x {{c}}\r\n          {{d}}\r\n",
       "10:11 {{a}, 12:11 {{b}, 13:13 {{c}, 14:11 {{d}"},
  });
}

TEST(placeholders, of_arguments_are_those_of_argos_tasks) {
  expect_places({
      {"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - name: m\n"
       "    dag:\n      tasks:\n      - name: a\n        template: x\n"
       "        when: '{{b}} == 1'\n        withItems: [1]\n        arguments:\n"
       "          parameters:\n          - {name: p, value: \"{{item}}\"}\n"
       "  - {name: x, container: {}}\n",
       "14:31 {{it"},
  });
}

TEST(placeholders, without_quotes_are_told_from_a_map) {
  expect_places({
      {in_block("{{a}}"), "t:8:13: a text that begins with \"{{\" must stand in quotes"},
      {in_flow("[1, {{ a }}]"), "t:6:36: a text that begins with \"{{\" must stand in quotes"},
      {"{{\"a\": 1}: 2}", "t:1:1: a text that begins with \"{{\" must stand in quotes"},
      {"{ {a: b}: c}", "t:1:3: a key must be text"},
  });
}

TEST(placeholders, are_counted_as_regular_expressions_up_to_the_limit) {
  const std::string text = fmt::format(
      "{}    - {{name: a, type: t, with: [\"{{{{x|match('a')|replace ('b', 'c')}}}}\", no | "
      "match]}}\n"
      "    - {{name: b, type: t, with: \"{{{{y |\\n match('a')}}}} | matches\"}}\n",
      head);
  EXPECT_TRUE(load_manifest(text, "t", {.patterns_max = 4}).has_value());
  const auto beyond = load_manifest(text, "t", {.patterns_max = 3});
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().code, errc::too_many_patterns);
  EXPECT_EQ(beyond.error().what(), "t:7:32: more than 3 regular expressions");
}

}  // namespace
}  // namespace engine::workflow::internal
