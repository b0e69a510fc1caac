// Loading tells of every problem of a manifest at once.

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

constexpr std::string_view own_head =
    "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n";
constexpr std::string_view argo_head =
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n";

std::string own_text(std::string_view spec) { return fmt::format("{}spec:\n{}", own_head, spec); }
std::string argo_text(std::string_view spec) { return fmt::format("{}spec:\n{}", argo_head, spec); }

std::string errors_of_loading(std::string_view text, const limits& bounds = {}) {
  const auto loaded = load_manifest(text, "t", bounds);
  return loaded ? "" : loaded.error().what();
}

TEST(problems, are_all_told_in_the_order_of_the_text) {
  struct row {
    std::string text;
    std::string errors;
  };
  const row rows[] = {
      {own_text("  parameters: [{name: p, pattern: '('}, {nam: q}, null]\n"
                "  tasks:\n"
                "    - {name: a, typ: t, retries: -1, timeout: soon, dependsOn: [b, null, 3]}\n"
                "    - {type: t}\n"
                "  other: 1\n"),
       "t:5:35: parameter \"p\": pattern \"(\": missing ): (\n"
       "5:41: parameters[1]: name is missing\n"
       "5:42: parameters[1]: unknown key \"nam\"; did you mean \"name\"?\n"
       "5:51: parameters[2]: a map is expected, not null\n"
       "7:17: task \"a\": unknown key \"typ\"; did you mean \"type\"?\n"
       "7:34: task \"a\": retries must be a whole number below 2^32, not \"-1\"\n"
       "7:47: task \"a\": timeout must be a duration such as 1h30m, 30s, 250ms or a number of "
       "seconds, not \"soon\"\n"
       "7:68: task \"a\": dependsOn[1] must be a single value, not null\n"
       "7:74: task \"a\": dependsOn[2] must be text; write it as \"3\"\n"
       "8:7: tasks[1]: name is missing\n"
       "9:3: workflow \"w\": spec: unknown key \"other\""},
      // Of several documents.
      {own_text("  tasks: [{name: a, x: 1}]\n") + "---\n" +
           own_text("  tasks: [{name: b, timeout: x}]\n"),
       "t:5:21: task \"a\": unknown key \"x\"\n"
       "11:30: task \"b\": timeout must be a duration such as 1h30m, 30s, 250ms or a number of "
       "seconds, not \"x\""},
      // A problem of a value brings no other of the same value.
      {own_text("  tasks: {a: b}\n"),
       "t:5:10: workflow \"w\": spec: tasks must be a list, not a map"},
      {own_text("  task: []\n"),
       "t:5:3: workflow \"w\": spec: unknown key \"task\"; did you mean \"tasks\"?"},
      {own_text("  tasks: [{name: [a]}, {name: [a]}]\n"),
       "t:5:18: tasks[0]: name must be a single value, not a list\n"
       "5:31: tasks[1]: name must be a single value, not a list"},
      // An alias brings the problem of its target to another task, but once to the same.
      {own_text("  tasks: [&y {name: a, dependsOn: &x [null]}, *y, {name: b, dependsOn: *x}]\n"),
       "t:5:39: task \"a\": dependsOn[0] must be a single value, not null\n"
       "5:39: task \"b\": dependsOn[0] must be a single value, not null"},
      {argo_text("  templates:\n"
                 "  - {name: x, container: {}}\n"
                 "  - name: m\n"
                 "    dag:\n"
                 "      tasks:\n"
                 "      - {name: A, template: x, depends: 'B &&'}\n"
                 "      - {name: B, template: x, depends: [A]}\n"
                 "      - {name: C}\n"
                 "  - name: n\n"
                 "    steps: [[a, {name: b, template: x}], null]\n"),
       "t:10:41: template \"m\": task \"A\": depends \"B &&\": a task name is expected, not the "
       "end "
       "at character 5\n"
       "11:41: template \"m\": task \"B\": depends must be a single value, not a list\n"
       "12:9: template \"m\": task \"C\": template, templateRef or inline is missing\n"
       "14:14: template \"n\": steps[0][0]: a map is expected, not a single value\n"
       "14:42: template \"n\": steps[1][0]: a map is expected, not null"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(errors_of_loading(each.text), each.errors) << each.text;
  }
}

TEST(problems, have_the_code_and_the_place_of_the_first) {
  const auto loaded = load_manifest(own_text("  tasks: [{name: a, x: 1}, {type: t}]\n"), "t");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, errc::unknown_key);
  EXPECT_EQ(loaded.error().where, (position{5, 21}));
}

TEST(problems, are_told_up_to_a_limit) {
  const std::string three = own_text("  tasks: [{a: 1}, {name: b, c: 1}, {name: d}]\n");
  const std::string all =
      "t:5:11: tasks[0]: name is missing\n5:12: tasks[0]: unknown key \"a\"\n5:29: task \"b\": "
      "unknown key \"c\"";
  EXPECT_EQ(errors_of_loading(three), all);
  EXPECT_EQ(errors_of_loading(three, {.problems_max = 3}), all);
  EXPECT_EQ(errors_of_loading(three, {.problems_max = 2}),
            all.substr(0, all.rfind('\n')) + "\nand more");
  EXPECT_EQ(errors_of_loading(three, {.problems_max = 1}),
            all.substr(0, all.find('\n')) + "\nand more");
  EXPECT_EQ(errors_of_loading(three, {.problems_max = 0}),
            all.substr(0, all.find('\n')) + "\nand more");
}

// What follows a limit that is passed is not read, and of what is no YAML nothing is known.
TEST(problems, end_where_nothing_more_is_known) {
  struct row {
    std::string text;
    limits bounds;
    std::string errors;
  };
  const row rows[] = {
      {own_text("  tasks: [{name: a, x: 1}, {name: b}, {name: c, x: 1}]\n"),
       {.tasks_max = 2},
       "t:5:21: task \"a\": unknown key \"x\"\n5:39: more than 2 tasks"},
      {own_text("  tasks: [{name: a, dependsOn: [null, b]}, {x: 1}]\n"),
       {.dependencies_max = 1},
       "t:5:11: more than 1 dependencies"},
      {own_text("  tasks: [{x: 1}, {name: a}, {name: a, name: b}]\n"),
       {},
       "t:5:40: key \"name\" is given twice, first in line 5"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(errors_of_loading(each.text, each.bounds), each.errors) << each.text;
  }
}

// An unknown key costs a look at all known ones.
TEST(problems, cost_no_more_than_the_limit_however_many_there_are) {
  std::string tasks = "  tasks: [{name: a";
  for (int at = 0; at < 60'000; ++at) {
    tasks += fmt::format(", unknown-key-number-{}: 1", at);
  }
  const std::string refusal = errors_of_loading(own_text(tasks + "}]\n"));
  EXPECT_EQ(std::count(refusal.begin(), refusal.end(), '\n'), limits().problems_max);
  EXPECT_TRUE(refusal.ends_with("\nand more")) << refusal;
}

}  // namespace
}  // namespace engine::workflow
