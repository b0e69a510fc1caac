#include "subsystems/dag/levels.h"

#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::make_graph;

TEST(levels, are_those_of_the_longest_chains) {
  struct row {
    std::uint32_t nodes;
    std::vector<edge> edges;
    std::vector<std::uint32_t> levels;
  };
  const row rows[] = {
      {0, {}, {}},
      {1, {}, {0}},
      {3, {}, {0, 0, 0}},
      {3, {{2, 1}, {1, 0}}, {2, 1, 0}},
      {4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}}, {0, 1, 1, 2}},
      {4, {{0, 1}, {1, 2}, {2, 3}, {0, 3}}, {0, 1, 2, 3}},
  };
  for (const row& each : rows) {
    std::vector<std::uint32_t> levels(each.nodes, 77);
    ASSERT_TRUE(assign_levels(make_graph(each.nodes, each.edges), levels));
    EXPECT_EQ(levels, each.levels) << each.nodes << " nodes, " << each.edges.size() << " edges";
  }
}

TEST(levels, equal_a_plain_reference) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = source.below(40);
    const std::vector<edge> edges = testing::random_edges(source, nodes, source.unit());
    std::vector<std::uint32_t> levels(nodes);
    ASSERT_TRUE(assign_levels(make_graph(nodes, edges), levels));
    ASSERT_EQ(levels, testing::naive_levels(nodes, edges)) << "seed " << seed;
  }
}

TEST(levels, need_one_place_a_node) {
  struct row {
    std::uint32_t nodes;
    std::size_t places;
  };
  for (const auto [nodes, places] : {row{0, 1}, row{1, 0}, row{3, 2}, row{3, 4}}) {
    std::vector<std::uint32_t> levels(places, 77);
    EXPECT_EQ(assign_levels(make_graph(nodes, {}), levels).error(), errc::wrong_size)
        << nodes << " nodes, " << places << " places";
    EXPECT_EQ(levels, std::vector<std::uint32_t>(places, 77)) << nodes << " nodes";
  }
}

TEST(levels, allocate_nothing) {
  const graph chain = make_graph(3, std::vector<edge>{{0, 1}, {1, 2}});
  std::vector<std::uint32_t> levels(3);
  const std::uint64_t before = testing::allocations();
  ASSERT_TRUE(assign_levels(chain, levels));
  EXPECT_EQ(testing::allocations(), before);
}

}  // namespace
}  // namespace engine::dag
