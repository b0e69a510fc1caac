#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/dynamic_graph.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::sorted;

// The same graph as sets, with reachability by search.
class naive_graph {
 public:
  std::set<node_id> tasks;
  std::set<std::pair<node_id, node_id>> edges;  // dependency, dependent

  [[nodiscard]] std::vector<node_id> row(node_id node, bool downstream) const {
    std::vector<node_id> ids;
    for (const auto& [dependency, dependent] : edges) {
      if ((downstream ? dependency : dependent) == node) {
        ids.push_back(downstream ? dependent : dependency);
      }
    }
    return ids;
  }

  [[nodiscard]] bool leads(node_id from, node_id to) const {
    std::set<node_id> seen{from};
    std::vector<node_id> stack{from};
    while (!stack.empty()) {
      const node_id node = stack.back();
      stack.pop_back();
      for (auto at = edges.lower_bound({node, 0}); at != edges.end() && at->first == node; ++at) {
        if (seen.insert(at->second).second) {
          stack.push_back(at->second);
        }
      }
    }
    return seen.contains(to);
  }

  // What adding this edge must answer; errc{} if it is accepted.
  [[nodiscard]] errc answer(edge added) const {
    if (!tasks.contains(added.dependency) || !tasks.contains(added.dependent)) {
      return errc::unknown_node;
    }
    if (added.dependency == added.dependent) {
      return errc::self_dependency;
    }
    if (edges.contains({added.dependency, added.dependent})) {
      return errc::duplicate_dependency;
    }
    return leads(added.dependent, added.dependency) ? errc::cycle : errc{};
  }
};

class random_changes {
 public:
  struct shape {
    std::uint32_t tasks_max;
    std::uint32_t edges_of_16;     // steps that add an edge
    std::uint32_t removals_of_16;  // steps that remove an edge
  };

  random_changes(std::uint64_t seed, const shape& of) : source_(seed), shape_(of) {}

  void step() {
    const std::uint32_t drawn = slow_.tasks.size() < 3 ? 16 : source_.below(16);
    if (drawn < shape_.edges_of_16) {
      add_edge({any_id(), any_id()});
    } else if (drawn < shape_.edges_of_16 + shape_.removals_of_16) {
      remove_edge();
    } else if (drawn == 16 || (source_.below(3) > 0 && slow_.tasks.size() < shape_.tasks_max)) {
      add_task();
    } else if (source_.below(4) == 0) {
      remove_task(any_id());
    }
  }

  void expect_equal() {
    const std::vector<node_id> order = fast_.order();
    ASSERT_EQ(fast_.size(), slow_.tasks.size());
    ASSERT_EQ(fast_.edge_count(), slow_.edges.size());
    ASSERT_EQ(std::set<node_id>(order.begin(), order.end()), slow_.tasks);
    ASSERT_EQ(order.size(), slow_.tasks.size());
    for (std::size_t at = 1; at < order.size(); ++at) {
      ASSERT_TRUE(fast_.precedes(order[at - 1], order[at]));
    }
    for (const auto& [dependency, dependent] : slow_.edges) {
      ASSERT_TRUE(fast_.precedes(dependency, dependent));
    }
    for (node_id node = 0; node < fast_.id_end(); ++node) {
      ASSERT_EQ(fast_.contains(node), slow_.tasks.contains(node));
      if (fast_.contains(node)) {
        ASSERT_EQ(sorted(fast_.dependencies(node)), slow_.row(node, false)) << "task " << node;
        ASSERT_EQ(sorted(fast_.dependents(node)), slow_.row(node, true)) << "task " << node;
      }
    }
  }

 private:
  // Mostly a task, now and then one that was removed or never was.
  node_id any_id() { return source_.below(fast_.id_end() + (source_.below(20) == 0 ? 2 : 0)); }

  void add_task() {
    const node_id added = fast_.add_task().value();
    ASSERT_TRUE(slow_.tasks.insert(added).second) << "task " << added;
  }

  void add_edge(edge added) {
    const errc expected = slow_.answer(added);
    const result<void> answer = fast_.add_edge(added);
    if (expected == errc{}) {
      ASSERT_TRUE(answer) << answer.error().message();
      slow_.edges.insert({added.dependency, added.dependent});
      return;
    }
    ASSERT_EQ(answer.error(), expected);
    if (expected == errc::cycle) {
      const std::span<const node_id> path = fast_.last_cycle();
      ASSERT_EQ(path.front(), added.dependent);
      ASSERT_EQ(path.back(), added.dependency);
      std::vector<edge> edges{added};
      for (const auto& [dependency, dependent] : slow_.edges) {
        edges.push_back({dependency, dependent});
      }
      ASSERT_EQ(testing::find_cycle_flaw(path, edges), "");
    }
  }

  void remove_edge() {
    if (slow_.edges.empty() || source_.below(10) == 0) {
      const edge removed{any_id(), any_id()};
      const bool known =
          slow_.tasks.contains(removed.dependency) && slow_.tasks.contains(removed.dependent);
      if (!slow_.edges.contains({removed.dependency, removed.dependent})) {
        ASSERT_EQ(fast_.remove_edge(removed).error(),
                  known ? errc::unknown_edge : errc::unknown_node);
      }
      return;
    }
    auto at = slow_.edges.begin();
    std::advance(at, source_.below(static_cast<std::uint32_t>(slow_.edges.size())));
    ASSERT_TRUE(fast_.remove_edge({at->first, at->second}));
    slow_.edges.erase(at);
  }

  void remove_task(node_id node) {
    if (slow_.tasks.erase(node) == 0) {
      ASSERT_EQ(fast_.remove_task(node).error(), errc::unknown_node);
      return;
    }
    ASSERT_TRUE(fast_.remove_task(node));
    std::erase_if(slow_.edges,
                  [node](const auto& each) { return each.first == node || each.second == node; });
  }

  fixtures::random source_;
  shape shape_;
  dynamic_graph fast_;
  naive_graph slow_;
};

TEST(dynamic_graph_property, equals_sets_after_each_random_step) {
  // Sparse and dense, tiny and with rows that outgrow their places.
  const random_changes::shape shapes[] = {{6, 9, 4}, {20, 9, 5}, {20, 12, 1}, {60, 13, 1}};
  for (const random_changes::shape& shape : shapes) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      random_changes changes(seed, shape);
      for (int step = 0; step < 400; ++step) {
        SCOPED_TRACE(::testing::Message() << "up to " << shape.tasks_max << " tasks, seed " << seed
                                          << ", step " << step);
        changes.step();
        changes.expect_equal();
        if (::testing::Test::HasFatalFailure()) {
          return;
        }
      }
    }
  }
}

// Edges of a hidden order in random sequence, each turned round as well once it is in.
TEST(dynamic_graph_property, any_sequence_of_edges_leads_to_an_order) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = 2 + source.below(60);
    const std::vector<edge> edges = testing::random_edges(source, nodes, source.unit());
    dynamic_graph grown;
    for (std::uint32_t added = 0; added < nodes; ++added) {
      ASSERT_TRUE(grown.add_task());
    }
    for (const edge& each : edges) {
      ASSERT_TRUE(grown.add_edge(each)) << "seed " << seed;
      ASSERT_EQ(grown.add_edge({each.dependent, each.dependency}).error(), errc::cycle)
          << "seed " << seed;
    }
    for (const edge& each : edges) {
      ASSERT_TRUE(grown.precedes(each.dependency, each.dependent)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace engine::dag
