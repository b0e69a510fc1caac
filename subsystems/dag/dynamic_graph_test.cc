#include "subsystems/dag/dynamic_graph.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::diamond;
using testing::make_graph;
using testing::make_tasks;
using testing::sorted;

// All that can be seen of a graph.
struct contents {
  explicit contents(const dynamic_graph& of)
      : order(of.order()), edge_count(of.edge_count()), id_end(of.id_end()) {
    for (const node_id node : order) {
      dependencies.push_back(sorted(of.dependencies(node)));
      dependents.push_back(sorted(of.dependents(node)));
    }
  }
  friend bool operator==(const contents&, const contents&) = default;

  std::vector<node_id> order;
  std::vector<std::vector<node_id>> dependencies;
  std::vector<std::vector<node_id>> dependents;
  std::uint32_t edge_count;
  std::uint32_t id_end;
};

TEST(dynamic_graph, grows_from_nothing) {
  dynamic_graph grown;
  EXPECT_EQ(grown.size(), 0U);
  EXPECT_TRUE(grown.order().empty());
  EXPECT_EQ(grown.add_task().value(), 0U);
  EXPECT_EQ(grown.add_task().value(), 1U);
  EXPECT_EQ(grown.order(), (std::vector<node_id>{0, 1}));
  ASSERT_TRUE(grown.add_edge({1, 0}));
  EXPECT_EQ(grown.order(), (std::vector<node_id>{1, 0}));
  EXPECT_TRUE(grown.precedes(1, 0));
  EXPECT_FALSE(grown.precedes(0, 1));
  EXPECT_FALSE(grown.precedes(0, 0));
  EXPECT_EQ(sorted(grown.dependencies(0)), std::vector<node_id>{1});
  EXPECT_EQ(sorted(grown.dependents(1)), std::vector<node_id>{0});
  EXPECT_EQ(grown.size(), 2U);
  EXPECT_EQ(grown.edge_count(), 1U);
}

TEST(dynamic_graph, refuses_unsound_edges_and_stays_as_it_is) {
  struct row {
    const char* what;
    edge added;
    errc code;
    std::vector<node_id> path;
  };
  const row rows[] = {
      {"a dependency that is no task", {5, 0}, errc::unknown_node, {}},
      {"a dependent that is no task", {0, 5}, errc::unknown_node, {}},
      {"neither", {~0U, ~0U}, errc::unknown_node, {}},
      {"a dependency that was removed", {4, 0}, errc::unknown_node, {}},
      {"a dependent that was removed", {0, 4}, errc::unknown_node, {}},
      {"a removed task on itself", {4, 4}, errc::unknown_node, {}},
      {"a task on itself", {2, 2}, errc::self_dependency, {}},
      {"an edge twice", {0, 2}, errc::duplicate_dependency, {}},
      {"a cycle of two", {1, 0}, errc::cycle, {0, 1}},
      {"a cycle at the end", {3, 2}, errc::cycle, {2, 3}},
      {"a cycle of three", {3, 0}, errc::cycle, {0, 1, 3}},
  };
  dynamic_graph tasks = make_tasks(5, diamond);
  ASSERT_TRUE(tasks.remove_task(4));
  const contents before(tasks);
  for (const row& each : rows) {
    EXPECT_EQ(tasks.add_edge(each.added).error(), each.code) << each.what;
    if (each.code == errc::cycle) {
      const std::span<const node_id> path = tasks.last_cycle();
      EXPECT_EQ(std::vector<node_id>(path.begin(), path.end()), each.path) << each.what;
    }
    EXPECT_TRUE(contents(tasks) == before) << each.what;
  }
}

TEST(dynamic_graph, refuses_to_remove_what_is_not_there) {
  dynamic_graph tasks = make_tasks(5, diamond);
  ASSERT_TRUE(tasks.remove_task(4));
  const contents before(tasks);
  struct row {
    edge removed;
    errc code;
  };
  const row rows[] = {{{0, 3}, errc::unknown_edge}, {{1, 0}, errc::unknown_edge},
                      {{1, 1}, errc::unknown_edge}, {{1, 2}, errc::unknown_edge},
                      {{0, 4}, errc::unknown_node}, {{4, 0}, errc::unknown_node},
                      {{5, 0}, errc::unknown_node}, {{0, ~0U}, errc::unknown_node}};
  for (const auto& [removed, code] : rows) {
    EXPECT_EQ(tasks.remove_edge(removed).error(), code)
        << removed.dependency << " -> " << removed.dependent;
  }
  for (const node_id node : {4U, 5U, ~0U}) {
    EXPECT_EQ(tasks.remove_task(node).error(), errc::unknown_node) << node;
    EXPECT_FALSE(tasks.contains(node)) << node;
  }
  EXPECT_TRUE(contents(tasks) == before);
}

TEST(dynamic_graph, keeps_its_limits) {
  dynamic_graph limited({.nodes_max = 3, .edges_max = 2});
  for (node_id node = 0; node < 3; ++node) {
    EXPECT_EQ(limited.add_task().value(), node);
  }
  EXPECT_EQ(limited.add_task().error(), errc::too_many_nodes);
  ASSERT_TRUE(limited.add_edge({0, 1}));
  ASSERT_TRUE(limited.add_edge({2, 1}));
  EXPECT_EQ(limited.add_edge({0, 2}).error(), errc::too_many_edges);
  EXPECT_EQ(limited.add_edge({1, 0}).error(), errc::too_many_edges);
  EXPECT_EQ(limited.add_edge({0, 1}).error(), errc::duplicate_dependency);
  EXPECT_EQ(limited.edge_count(), 2U);
  ASSERT_TRUE(limited.remove_edge({0, 1}));
  EXPECT_TRUE(limited.add_edge({0, 2}));
  ASSERT_TRUE(limited.remove_task(2));
  EXPECT_EQ(limited.edge_count(), 0U);
  EXPECT_EQ(limited.add_task().value(), 2U);
  EXPECT_EQ(limited.add_task().error(), errc::too_many_nodes);
}

TEST(dynamic_graph, refuses_limits_that_ids_cannot_keep) {
  EXPECT_NO_THROW(dynamic_graph({.nodes_max = 0x7fffffff, .edges_max = 0xfffffffe}));
  EXPECT_THROW(dynamic_graph({.nodes_max = 0x80000000}), std::invalid_argument);
  EXPECT_THROW(dynamic_graph({.edges_max = 0xffffffff}), std::invalid_argument);
  const graph four = make_graph(4, diamond);
  EXPECT_NO_THROW(dynamic_graph(four, {.nodes_max = 4, .edges_max = 4}));
  EXPECT_THROW(dynamic_graph(four, {.nodes_max = 3, .edges_max = 4}), std::invalid_argument);
  EXPECT_THROW(dynamic_graph(four, {.nodes_max = 4, .edges_max = 3}), std::invalid_argument);
}

TEST(dynamic_graph, removes_a_task_with_its_edges_and_reuses_the_id) {
  dynamic_graph tasks = make_tasks(4, diamond);
  ASSERT_TRUE(tasks.remove_task(1));
  EXPECT_FALSE(tasks.contains(1));
  EXPECT_EQ(tasks.edge_count(), 2U);
  EXPECT_EQ(tasks.order(), (std::vector<node_id>{0, 2, 3}));
  EXPECT_EQ(sorted(tasks.dependents(0)), std::vector<node_id>{2});
  EXPECT_EQ(sorted(tasks.dependencies(3)), std::vector<node_id>{2});
  EXPECT_EQ(tasks.id_end(), 4U);
  EXPECT_EQ(tasks.add_task().value(), 1U);
  EXPECT_TRUE(tasks.dependencies(1).empty());
  EXPECT_TRUE(tasks.dependents(1).empty());
  EXPECT_EQ(tasks.order(), (std::vector<node_id>{0, 2, 3, 1}));
  EXPECT_EQ(tasks.add_task().value(), 4U);
}

TEST(dynamic_graph, moves) {
  dynamic_graph source = make_tasks(4, diamond);
  const contents before(source);
  dynamic_graph target = std::move(source);
  EXPECT_TRUE(contents(target) == before);
  source = std::move(target);
  EXPECT_TRUE(contents(source) == before);
  EXPECT_EQ(source.add_edge({3, 0}).error(), errc::cycle);
}

}  // namespace
}  // namespace engine::dag
