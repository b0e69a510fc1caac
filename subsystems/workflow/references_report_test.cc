// What an error says of the problems of a definition's placeholders, and where.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/references.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

std::string report_of(const definition& made) {
  dag::builder builder;
  dag::graph graph;
  const result<void> built = validate(made, builder, graph);
  return built ? "" : built.error().what();
}

std::string report_of(std::string_view manifest_text) {
  const auto loaded = load_manifest(manifest_text, "t");
  return loaded ? report_of(loaded->definitions.back()) : loaded.error().what();
}

constexpr std::string_view head_of_tasks =
    "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
    "spec:\n  tasks:\n";

TEST(references_report, are_all_reported_in_their_order_each_with_its_place) {
  const std::string text = fmt::format(
      "{}"
      "    - {{name: a, with: ['{{{{tasks.b.x}}}} {{{{tasks.}}}}', 1, '{{{{tasks.c.x}}}}']}}\n"
      "    - name: b\n"
      "      dependsOn: [a]\n"
      "      with: |\n"
      "        {{{{tasks.a.x}}}} {{{{nothing}}}}\n"
      "        {{{{tasks.c.x}}}}\n"
      "    - {{name: c, with: [{{k: [\"{{{{=1}}}}\"]}}]}}\n",
      head_of_tasks);
  EXPECT_EQ(
      report_of(text),
      "t:6:25: workflow \"w\": task \"a\": {{tasks.b.x}}: task \"b\" is not upstream of \"a\"\n"
      "6:39: task \"a\": {{tasks.}}: a name is expected, not \"}\"; braces that are text are "
      "written "
      "{{ '{{' }}\n"
      "6:56: task \"a\": {{tasks.c.x}}: task \"c\" is not upstream of \"a\"\n"
      "10:23: task \"b\": {{nothing}}: there is no variable \"nothing\"\n"
      "11:9: task \"b\": {{tasks.c.x}}: task \"c\" is not upstream of \"b\"\n"
      "12:30: task \"c\": {{=1}}: {{=…}} is an expression, which is not supported; name a "
      "value and use filters");
}

// `count` bad placeholders, of three kinds in turn.
std::string with_problems(std::size_t count) {
  std::string text =
      fmt::format("{}    - {{name: b}}\n    - name: a\n      with:\n", head_of_tasks);
  const std::string_view kinds[] = {"{{tasks.b.x}}", "{{nothing}}", "{{}}"};
  for (std::size_t at = 0; at < count; ++at) {
    text += fmt::format("        - '{}'\n", kinds[at % 3]);
  }
  return text;
}

TEST(references_report, are_reported_up_to_the_bound) {
  for (const std::size_t count : {1U, 3U, 15U, 16U, 17U, 18U, 40U}) {
    const std::string refusal = report_of(with_problems(count));
    const std::size_t reported = std::min(count, reference_problems_max);
    EXPECT_TRUE(refusal.starts_with("t:9:12: workflow \"w\": task \"a\": {{tasks.b.x}}"))
        << refusal;
    EXPECT_EQ(std::count(refusal.begin(), refusal.end(), '\n'),
              static_cast<std::ptrdiff_t>(reported) - 1 + (count > reported ? 1 : 0))
        << refusal;
    EXPECT_EQ(refusal.ends_with("\nand more"), count > reported) << refusal;
    if (reported > 1) {
      EXPECT_NE(refusal.find(fmt::format("\n{}:12: task \"a\": ", 8 + reported)), std::string::npos)
          << refusal;
    }
  }
}

TEST(references_report, of_an_alias_are_checked_for_each_task_that_has_it) {
  EXPECT_EQ(
      report_of(fmt::format("{}    - {{name: a}}\n"
                            "    - {{name: b, dependsOn: [a], with: &in ['{{{{tasks.a}}}}']}}\n"
                            "    - {{name: c, with: *in}}\n",
                            head_of_tasks)),
      "t:7:45: workflow \"w\": task \"c\": {{tasks.a}}: task \"a\" is not upstream of \"c\"");
}

// A definition that no manifest held: b <- a, which has this input.
definition by_hand(boost::json::value input, position where) {
  definition made;
  made.name = "w";
  made.source = "program";
  made.tasks.resize(2);
  made.tasks[0].name = "a";
  made.tasks[0].depends_on = {"b"};
  made.tasks[0].with = std::move(input);
  made.tasks[0].where = where;
  made.tasks[1].name = "b";
  return made;
}

TEST(references_report, of_a_definition_made_by_hand_stand_where_their_task_does) {
  const boost::json::value input = {{"k", {"{{tasks.b}}", "{{x}}", "{{y}}"}}};
  EXPECT_EQ(report_of(by_hand(input, {3, 4})),
            "program:3:4: workflow \"w\": task \"a\": {{x}}: there is no variable \"x\"; braces "
            "that are text are written {{ '{{' }}\n"
            "3:4: task \"a\": {{y}}: there is no variable \"y\"");
  EXPECT_EQ(report_of(by_hand(input, {})),
            "program: workflow \"w\": task \"a\": {{x}}: there is no variable \"x\"; braces "
            "that are text are written {{ '{{' }}\n"
            "task \"a\": {{y}}: there is no variable \"y\"");
  EXPECT_EQ(report_of(by_hand("{{tasks.b}}", {})), "");
  EXPECT_EQ(report_of(by_hand(boost::json::value{{"{{x}}", 1}}, {})), "");
}

TEST(references_report, are_shown_short_and_printable) {
  EXPECT_EQ(
      report_of(by_hand("{{ x\n\xFF", {})),
      "program: workflow \"w\": task \"a\": the placeholder \"{{ x\\x0a\\xff\" is not closed; "
      "braces that are text are written {{ '{{' }}");
  EXPECT_EQ(report_of(by_hand(boost::json::value("{{ " + std::string(100, 'x') + " }}"), {})),
            fmt::format("program: workflow \"w\": task \"a\": {{{{ {0}…: there is no variable "
                        "\"{0}xxx…\"; braces that are text are written {{{{ '{{{{' }}}}",
                        std::string(77, 'x')));
}

TEST(references_report, of_a_refused_definition_leave_the_graph_alone) {
  dag::builder builder;
  dag::graph graph;
  ASSERT_TRUE(validate(by_hand("{{tasks.b}}", {}), builder, graph).has_value());
  definition larger = by_hand("{{tasks.x}}", {});
  larger.tasks.emplace_back().name = "c";
  const result<void> built = validate(larger, builder, graph);
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code, errc::bad_reference);
  ASSERT_EQ(graph.size(), 2U);
  EXPECT_EQ(graph.dependencies(0).front(), 1U);
}

}  // namespace
}  // namespace engine::workflow
