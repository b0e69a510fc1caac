#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/workflow.h"
#include "subsystems/dag/dynamic_graph.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::make_graph;
using testing::make_tasks;
using testing::sorted;

TEST(dynamic_graph_large, takes_over_a_built_graph) {
  for (const fixtures::shape shape : fixtures::all_shapes) {
    for (const std::uint32_t nodes : {4U, 33U, 500U}) {
      const fixtures::workflow made({.shape = shape, .tasks = nodes});
      const graph built = make_graph(nodes, made.edges());
      const dynamic_graph taken(built);
      const std::vector<node_id> order = taken.order();
      EXPECT_TRUE(
          std::equal(order.begin(), order.end(), built.order().begin(), built.order().end()))
          << name_of(shape);
      EXPECT_EQ(taken.edge_count(), built.edge_count());
      for (node_id node = 0; node < nodes; ++node) {
        ASSERT_EQ(sorted(taken.dependencies(node)), sorted(built.dependencies(node)));
        ASSERT_EQ(sorted(taken.dependents(node)), sorted(built.dependents(node)));
      }
    }
  }
  const graph nothing;
  EXPECT_EQ(dynamic_graph(nothing).size(), 0U);
}

TEST(dynamic_graph_large, holds_one_task_that_all_others_touch) {
  constexpr std::uint32_t others = 5'000;
  dynamic_graph tasks = make_tasks(1);
  for (std::uint32_t added = 0; added < others; ++added) {
    const node_id node = tasks.add_task().value();
    ASSERT_TRUE(tasks.add_edge(added % 2 == 0 ? edge{0, node} : edge{node, 0}));
    ASSERT_FALSE(tasks.add_edge(added % 2 == 0 ? edge{node, 0} : edge{0, node}));
    ASSERT_EQ(tasks.add_edge(added % 2 == 0 ? edge{0, node} : edge{node, 0}).error(),
              errc::duplicate_dependency);
  }
  EXPECT_EQ(tasks.dependents(0).size(), others / 2);
  EXPECT_EQ(tasks.dependencies(0).size(), others / 2);
  const std::vector<node_id> order = tasks.order();
  EXPECT_EQ(order[others / 2], 0U);
  ASSERT_TRUE(tasks.remove_task(0));
  EXPECT_EQ(tasks.edge_count(), 0U);
  EXPECT_EQ(tasks.size(), others);
}

// What a plain Pearce-Kelly search would do in time proportional to all that lies between.
TEST(dynamic_graph_large, moves_one_task_where_one_is_enough) {
  constexpr std::uint32_t nodes = 100'000;
  const fixtures::workflow made({.shape = fixtures::shape::chain, .tasks = nodes});
  dynamic_graph tasks(make_graph(nodes, made.edges()));
  const std::vector<node_id> before = tasks.order();
  for (std::uint32_t added = 0; added < 100'000; ++added) {
    ASSERT_TRUE(tasks.add_edge({tasks.add_task().value(), before.front()}));
  }
  const std::vector<node_id> after = tasks.order();
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.end() - nodes));
}

TEST(dynamic_graph_large, pushes_a_long_chain_into_one_gap) {
  dynamic_graph tasks = make_tasks(2, std::vector<edge>{{0, 1}});
  node_id last = 0;
  std::vector<node_id> expected = {0};
  for (int added = 0; added < 50'000; ++added) {
    const node_id node = tasks.add_task().value();
    ASSERT_TRUE(tasks.add_edge({node, 1}));
    ASSERT_TRUE(tasks.add_edge({last, node}));
    expected.push_back(node);
    last = node;
  }
  expected.push_back(1);
  EXPECT_EQ(tasks.order(), expected);
  for (std::size_t at = 1; at < expected.size(); ++at) {
    ASSERT_TRUE(tasks.precedes(expected[at - 1], expected[at]));
  }
}

TEST(dynamic_graph_large, changes_without_allocating_once_it_is_warm) {
  const fixtures::workflow made({.tasks = 1'000});
  dynamic_graph tasks(make_graph(1'000, made.edges()));
  fixtures::random source(3);
  std::vector<edge> extra;
  while (extra.size() < 500) {
    const edge drawn{source.below(1'000), source.below(1'000)};
    if (tasks.add_edge(drawn)) {
      extra.push_back(drawn);
    }
  }
  std::uint64_t before = 0;
  for (int round = 0; round < 5; ++round) {
    before = round == 2 ? testing::allocations() : before;
    for (const edge& each : extra) {
      ASSERT_TRUE(tasks.remove_edge(each));
    }
    for (const edge& each : extra) {
      ASSERT_TRUE(tasks.add_edge(each));
      ASSERT_FALSE(tasks.add_edge({each.dependent, each.dependency}));
    }
    ASSERT_TRUE(tasks.remove_task(tasks.add_task().value()));
  }
  EXPECT_EQ(testing::allocations(), before);
}

}  // namespace
}  // namespace engine::dag
