#include "subsystems/workflow/validate.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

// The definition with these flow maps as tasks, one a line, the first in line 6.
definition with_tasks(std::string_view tasks) {
  return load_manifest(fmt::format("apiVersion: orchestration.headroom.dev/v1alpha1\n"
                                   "kind: Workflow\nmetadata: {{name: w}}\nspec:\n  tasks:\n{}",
                                   tasks),
                       "t")
      .value()
      .definitions.front();
}

TEST(validate, builds_the_graph_in_the_order_of_the_tasks) {
  const definition diamond = with_tasks(
      "  - {name: d, type: t, dependsOn: [b, c]}\n"
      "  - {name: b, type: t, dependsOn: [a]}\n"
      "  - {name: c, type: t, dependsOn: [a]}\n"
      "  - {name: a, type: t}\n");
  dag::builder builder;
  dag::graph graph;
  const result<void> built = validate(diamond, builder, graph);
  ASSERT_TRUE(built.has_value()) << built.error().what();
  EXPECT_EQ(graph.size(), 4U);
  EXPECT_EQ(graph.edge_count(), 4U);
  EXPECT_EQ(graph.level_count(), 3U);
  EXPECT_EQ(graph.order().front(), 3U);
  EXPECT_EQ(graph.order().back(), 0U);
  ASSERT_EQ(graph.dependencies(0).size(), 2U);
  EXPECT_EQ(graph.dependencies(0)[0], 1U);
  EXPECT_EQ(graph.dependencies(0)[1], 2U);
}

TEST(validate, names_the_offender_and_its_place) {
  struct row {
    const char* tasks;
    position where;
    const char* part;
  };
  const row rows[] = {
      {"  - {name: a, type: t}\n  - {name: b, type: t, dependsOn: [x]}\n", {7, 5}, "x"},
      {"  - {name: a, type: t}\n  - {name: b, type: t, dependsOn: [b]}\n", {7, 5}, "b"},
      {"  - {name: a, type: t}\n  - {name: b, type: t, dependsOn: [a, a]}\n", {7, 5}, "a"},
      {"  - {name: a, type: t}\n  - {name: b, type: t}\n  - {name: a, type: t}\n", {8, 5}, "a"},
      {"  - {name: a, type: t}\n  - {name: b, type: t, dependsOn: [c]}\n"
       "  - {name: c, type: t, dependsOn: [b]}\n",
       {7, 5},
       "b -> c -> b"},
  };
  for (const row& each : rows) {
    dag::builder builder;
    dag::graph graph;
    const result<void> built = validate(with_tasks(each.tasks), builder, graph);
    ASSERT_FALSE(built.has_value()) << each.tasks;
    const error& refusal = built.error();
    EXPECT_EQ(refusal.code, errc::bad_graph) << each.tasks;
    EXPECT_EQ(refusal.where, each.where) << each.tasks << refusal.what();
    EXPECT_TRUE(refusal.what().starts_with(
        fmt::format("t:{}:{}: workflow \"w\": ", each.where.line, each.where.column)))
        << refusal.what();
    EXPECT_NE(refusal.message.find(each.part), std::string::npos) << refusal.what();
  }
}

TEST(validate, reports_every_problem_and_leaves_the_graph_alone) {
  dag::builder builder;
  dag::graph graph;
  ASSERT_TRUE(validate(with_tasks("  - {name: a, type: t}\n"), builder, graph).has_value());
  const definition bad = with_tasks(
      "  - {name: a, type: t, dependsOn: [first-missing]}\n"
      "  - {name: b, type: t, dependsOn: [second-missing]}\n");
  const result<void> built = validate(bad, builder, graph);
  ASSERT_FALSE(built.has_value());
  EXPECT_NE(built.error().message.find("first-missing"), std::string::npos);
  EXPECT_NE(built.error().message.find("second-missing"), std::string::npos);
  EXPECT_EQ(graph.size(), 1U);
}

}  // namespace
}  // namespace engine::workflow
