#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"
#include "subsystems/dag/two_way_search_internal.h"

namespace engine::dag::internal {
namespace {

// Tasks in the order of their ids, and edges that agree with it.
class ordered_tasks {
 public:
  ordered_tasks(std::uint32_t nodes, std::span<const edge> edges) {
    for (node_id node = 0; node < nodes; ++node) {
      nodes_.add();
    }
    for (const edge& each : edges) {
      rows_.reserve_one(nodes_[each.dependency].rows, side::downstream);
      rows_.push(nodes_[each.dependency].rows, side::downstream, each.dependent);
      rows_.reserve_one(nodes_[each.dependent].rows, side::upstream);
      rows_.push(nodes_[each.dependent].rows, side::upstream, each.dependency);
    }
  }

  search_outcome find(edge wanted, two_way_search& by) { return by.find(wanted, nodes_, rows_); }

 private:
  ordered_nodes nodes_;
  row_pool rows_;
};

std::vector<node_id> copy(std::span<const node_id> ids) { return {ids.begin(), ids.end()}; }

TEST(two_way_search, moves_the_side_that_is_cheaper) {
  struct row {
    const char* what;
    std::vector<edge> edges;  // of eight tasks
    edge wanted;
    search_outcome outcome;
    std::vector<node_id> tasks;
  };
  using enum search_outcome;
  const row rows[] = {
      {"nothing on either side", {}, {7, 0}, move_dependencies, {7}},
      {"much downstream", {{0, 1}, {1, 2}, {2, 3}, {0, 4}}, {7, 0}, move_dependencies, {7}},
      {"much upstream", {{4, 7}, {5, 7}, {3, 5}, {2, 3}}, {7, 0}, move_dependents, {0}},
      {"a chain against a chain",
       {{0, 1}, {1, 2}, {2, 3}, {5, 6}, {6, 7}},
       {7, 0},
       move_dependencies,
       {5, 6, 7}},
      {"upstream tasks that are before anyway",
       {{0, 7}, {1, 7}, {2, 7}, {3, 4}},
       {7, 3},
       move_dependents,
       {3, 4}},
      {"upstream tasks that are before anyway, but few",
       {{0, 7}, {3, 4}, {4, 5}, {5, 6}},
       {7, 3},
       move_dependencies,
       {7}},
      {"downstream tasks that are behind anyway",
       {{0, 7}, {4, 5}, {3, 4}},
       {5, 0},
       move_dependents,
       {0}},
      {"in the order of before",
       {{1, 7}, {4, 7}, {0, 2}, {0, 3}, {0, 5}, {2, 6}},
       {7, 0},
       move_dependencies,
       {1, 4, 7}},
      {"a cycle of two", {{0, 7}}, {7, 0}, cycle, {0, 7}},
      {"a cycle of four", {{0, 3}, {3, 5}, {5, 7}}, {7, 0}, cycle, {0, 3, 5, 7}},
      {"a cycle among other ways",
       {{0, 1}, {0, 2}, {2, 4}, {1, 4}, {3, 6}, {4, 6}, {6, 7}, {5, 7}},
       {7, 0},
       cycle,
       {0, 1, 4, 6, 7}},
  };
  for (const row& each : rows) {
    two_way_search search;
    ordered_tasks tasks(8, each.edges);
    EXPECT_EQ(tasks.find(each.wanted, search), each.outcome) << each.what;
    const bool is_cycle = each.outcome == cycle;
    EXPECT_EQ(copy(is_cycle ? search.path() : search.moved()), each.tasks) << each.what;
  }
}

TEST(two_way_search, survives_the_end_of_its_marks) {
  const std::vector<edge> edges = {{0, 1}, {1, 2}, {2, 3}, {5, 6}, {6, 7}};
  for (std::uint32_t left = 0; left < 12; ++left) {
    two_way_search search(none - left);
    ordered_tasks tasks(8, edges);
    for (int round = 0; round < 12; ++round) {
      ASSERT_EQ(tasks.find({7, 0}, search), search_outcome::move_dependencies) << left;
      ASSERT_EQ(copy(search.moved()), (std::vector<node_id>{5, 6, 7})) << left;
      ASSERT_EQ(tasks.find({3, 0}, search), search_outcome::cycle) << left;
      ASSERT_EQ(copy(search.path()), (std::vector<node_id>{0, 1, 2, 3})) << left;
    }
  }
}

}  // namespace
}  // namespace engine::dag::internal
