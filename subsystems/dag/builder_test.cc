#include "subsystems/dag/builder.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::definition;
using testing::diamond;
using testing::expected_problem;
using testing::find_flaw;

void expect_problems(const checked<void>& built, const std::vector<expected_problem>& expected,
                     const std::string& what) {
  ASSERT_FALSE(built.has_value()) << what;
  const std::vector<problem> problems = built.error().problems;
  ASSERT_EQ(problems.size(), expected.size()) << what << ": " << built.error().message();
  for (std::size_t at = 0; at < expected.size(); ++at) {
    EXPECT_EQ(problems[at].code, expected[at].code) << what << ": " << problems[at].message;
    EXPECT_EQ(problems[at].tasks, expected[at].tasks) << what << ": " << problems[at].message;
    EXPECT_EQ(problems[at].message, expected[at].message) << what;
  }
  EXPECT_FALSE(built.error().truncated) << what;
}

TEST(builder, builds_from_edges) {
  struct row {
    const char* what;
    std::uint32_t nodes;
    std::vector<edge> edges;
  };
  const row rows[] = {
      {"nothing", 0, {}},
      {"one task", 1, {}},
      {"tasks side by side", 5, {}},
      {"one edge", 2, {{1, 0}}},
      {"a diamond", 4, diamond},
      {"rows in the author's order", 4, {{2, 3}, {0, 3}, {1, 3}, {2, 0}}},
      {"a transitive edge", 3, {{0, 2}, {0, 1}, {1, 2}}},
  };
  for (const row& each : rows) {
    builder made;
    graph out;
    const checked<void> built = made.build(each.nodes, each.edges, out);
    ASSERT_TRUE(built.has_value()) << each.what;
    EXPECT_EQ(find_flaw(out, each.nodes, each.edges), "") << each.what;
  }
}

TEST(builder, refuses_unsound_edges_and_leaves_the_graph_alone) {
  struct row {
    const char* what;
    std::uint32_t nodes;
    std::vector<edge> edges;
    std::vector<expected_problem> problems;
  };
  const row rows[] = {
      {"an edge in an empty graph",
       0,
       {{0, 0}},
       {{errc::unknown_node, {0}, "edge 0 -> 0: there are only 0 tasks"}}},
      {"a dependency that is no task",
       2,
       {{0, 1}, {2, 1}},
       {{errc::unknown_node, {2}, "edge 2 -> 1: there are only 2 tasks"}}},
      {"a dependent that is no task",
       2,
       {{0, ~0U}},
       {{errc::unknown_node, {~0U}, "edge 0 -> 4294967295: there are only 2 tasks"}}},
      {"a task that depends on itself",
       2,
       {{0, 1}, {1, 1}},
       {{errc::self_dependency, {1, 1}, "task #1 depends on itself"}}},
      {"an edge twice",
       2,
       {{0, 1}, {0, 1}},
       {{errc::duplicate_dependency, {1, 0}, "task #1 has the dependency #0 twice"}}},
      {"an edge three times, with others between",
       4,
       {{0, 3}, {1, 3}, {0, 3}, {2, 3}, {0, 3}},
       {{errc::duplicate_dependency, {3, 0}, "task #3 has the dependency #0 twice"}}},
      {"several, by dependent",
       3,
       {{2, 2}, {0, 1}, {0, 1}, {9, 0}},
       {{errc::unknown_node, {9}, "edge 9 -> 0: there are only 3 tasks"},
        {errc::duplicate_dependency, {1, 0}, "task #1 has the dependency #0 twice"},
        {errc::self_dependency, {2, 2}, "task #2 depends on itself"}}},
      {"an edge twice inside a cycle",
       3,
       {{0, 1}, {1, 2}, {2, 0}, {0, 1}},
       {{errc::duplicate_dependency, {1, 0}, "task #1 has the dependency #0 twice"}}},
      {"a cycle of two",
       2,
       {{0, 1}, {1, 0}},
       {{errc::cycle, {0, 1}, "cycle: #0 -> #1 -> #0 (each is a dependency of the next)"}}},
      {"a cycle behind a root",
       4,
       {{0, 1}, {1, 2}, {2, 3}, {3, 1}},
       {{errc::cycle,
         {1, 2, 3},
         "cycle: #1 -> #2 -> #3 -> #1 (each is a dependency of the next)"}}},
  };
  for (const row& each : rows) {
    builder made;
    graph out = testing::make_graph(4, diamond);
    expect_problems(made.build(each.nodes, each.edges, out), each.problems, each.what);
    EXPECT_EQ(find_flaw(out, 4, diamond), "") << each.what;
    ASSERT_TRUE(made.build(4, diamond, out).has_value()) << "after " << each.what;
    EXPECT_EQ(find_flaw(out, 4, diamond), "") << "after " << each.what;
  }
}

TEST(builder, reports_no_more_than_the_limit) {
  std::vector<edge> edges;
  for (node_id node = 0; node < 20; ++node) {
    edges.push_back({node, node});
  }
  graph out;
  for (const std::uint32_t limit : {1U, 7U, 19U, 20U, 21U}) {
    const checked<void> built = builder({.problems_max = limit}).build(20, edges, out);
    ASSERT_FALSE(built.has_value());
    EXPECT_EQ(built.error().problems.size(), std::min(limit, 20U)) << "limit " << limit;
    EXPECT_EQ(built.error().truncated, limit < 20) << "limit " << limit;
    EXPECT_EQ(built.error().message().ends_with("\nand more"), limit < 20) << "limit " << limit;
  }
}

TEST(builder, keeps_the_limits_of_size) {
  struct row {
    options limits;
    std::uint32_t nodes;
    std::vector<edge> edges;
    const char* message;  // empty if it fits
  };
  const row rows[] = {
      {{.nodes_max = 4, .edges_max = 4}, 4, diamond, ""},
      {{.nodes_max = 4, .edges_max = 4}, 0, {}, ""},
      {{.nodes_max = 0, .edges_max = 0}, 0, {}, ""},
      {{.nodes_max = 3, .edges_max = 4}, 4, diamond, "too many tasks: 4, the limit is 3"},
      {{.nodes_max = 4, .edges_max = 3}, 4, diamond, "too many dependencies: 4, the limit is 3"},
      {{.nodes_max = 0}, 1, {}, "too many tasks: 1, the limit is 0"},
      {{.edges_max = 0}, 2, {{0, 1}}, "too many dependencies: 1, the limit is 0"},
      {{}, 4'000'001, {}, "too many tasks: 4000001, the limit is 4000000"},
  };
  for (const row& each : rows) {
    graph out;
    const checked<void> built = builder(each.limits).build(each.nodes, each.edges, out);
    EXPECT_EQ(built.has_value() ? "" : built.error().message(), each.message);
    EXPECT_EQ(out.size(), built.has_value() ? each.nodes : 0) << each.message;
  }
}

TEST(builder, keeps_the_limits_of_size_for_names) {
  const definition tasks = {{"a", {}}, {"b", {"a"}}, {"c", {"a", "b"}}};
  struct row {
    options limits;
    errc code;
  };
  const row rows[] = {
      {{.nodes_max = 3, .edges_max = 3}, errc{}},
      {{.nodes_max = 2, .edges_max = 3}, errc::too_many_nodes},
      {{.nodes_max = 3, .edges_max = 2}, errc::too_many_edges},
      {{.nodes_max = 0, .edges_max = 0}, errc::too_many_nodes},
  };
  for (const auto& [limits, code] : rows) {
    graph out;
    const checked<void> built = builder(limits).build(tasks.tasks(), out);
    EXPECT_EQ(built.has_value() ? errc{} : built.error().code(), code)
        << limits.nodes_max << " nodes, " << limits.edges_max << " edges";
    EXPECT_EQ(out.size(), built.has_value() ? 3 : 0);
  }
}

TEST(builder, refuses_limits_that_ids_cannot_keep) {
  EXPECT_NO_THROW(builder({.nodes_max = 0x7fffffff, .edges_max = 0xfffffffe}));
  EXPECT_THROW(builder({.nodes_max = 0x80000000}), std::invalid_argument);
  EXPECT_THROW(builder({.edges_max = 0xffffffff}), std::invalid_argument);
  EXPECT_THROW(builder({.problems_max = 0}), std::invalid_argument);
}

TEST(builder, builds_on_when_it_was_moved_from) {
  builder first;
  graph out;
  ASSERT_TRUE(first.build(100, {}, out).has_value());
  builder second = std::move(first);
  for (builder* each : {&first, &second}) {  // NOLINT(bugprone-use-after-move)
    ASSERT_TRUE(each->build(50, std::vector<edge>{{7, 3}}, out).has_value());
    EXPECT_EQ(out.size(), 50U);
    EXPECT_EQ(out.level_count(), 2U);
  }
}

TEST(builder, builds_again_without_allocating) {
  fixtures::random source(1);
  const std::vector<edge> large = testing::random_edges(source, 60, 0.2);
  builder made;
  graph out;
  ASSERT_TRUE(made.build(60, large, out).has_value());
  ASSERT_TRUE(made.build(60, large, out).has_value());
  for (const std::uint32_t nodes : {60U, 4U, 60U, 0U, 4U, 60U}) {
    const std::vector<edge> edges = nodes == 60  ? large
                                    : nodes == 4 ? diamond
                                                 : std::vector<edge>{};
    const std::uint64_t before = testing::allocations();
    ASSERT_TRUE(made.build(nodes, edges, out).has_value());
    EXPECT_EQ(testing::allocations(), before) << nodes << " nodes";
    ASSERT_EQ(find_flaw(out, nodes, edges), "") << nodes << " nodes";
  }
}

// Tasks named by their numbers.
definition name(std::uint32_t nodes, std::span<const edge> edges) {
  std::vector<definition::named> tasks(nodes);
  for (std::uint32_t node = 0; node < nodes; ++node) {
    tasks[node].name = std::to_string(node);
  }
  for (const edge& each : edges) {
    tasks[each.dependent].depends_on.push_back(std::to_string(each.dependency));
  }
  return definition(std::move(tasks));
}

TEST(builder, takes_more_dependencies_of_as_many_names_than_before) {
  fixtures::random source(2);
  builder made({.edges_max = 500});
  graph out;
  for (const double density : {0.0, 0.1, 0.02, 0.3, 0.0, 0.35, 1.0, 0.35, 0.1}) {
    const std::vector<edge> edges = testing::random_edges(source, 40, density);
    const definition tasks = name(40, edges);
    const checked<void> built = made.build(tasks.tasks(), out);
    if (edges.size() > 500) {
      ASSERT_FALSE(built.has_value());
      EXPECT_EQ(built.error().message(), "too many dependencies: 780, the limit is 500");
      continue;
    }
    ASSERT_TRUE(built.has_value()) << built.error().message();
    ASSERT_EQ(find_flaw(out, 40, edges), "") << edges.size() << " edges";
  }
}

TEST(builder, builds_again_from_names_without_allocating) {
  fixtures::random source(3);
  const std::vector<edge> large = testing::random_edges(source, 60, 0.2);
  const std::vector<edge> small(large.begin(), large.begin() + 30);
  builder made;
  graph out;
  ASSERT_TRUE(made.build(name(60, large).tasks(), out).has_value());
  ASSERT_TRUE(made.build(name(60, large).tasks(), out).has_value());
  for (const std::vector<edge>& edges : {large, small, std::vector<edge>{}, large}) {
    const definition tasks = name(60, edges);
    const std::uint64_t before = testing::allocations();
    ASSERT_TRUE(made.build(tasks.tasks(), out).has_value());
    EXPECT_EQ(testing::allocations(), before) << edges.size() << " edges";
    ASSERT_EQ(find_flaw(out, 60, edges), "") << edges.size() << " edges";
  }
}

}  // namespace
}  // namespace engine::dag
