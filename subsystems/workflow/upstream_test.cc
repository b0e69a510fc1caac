#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/dag/builder.h"
#include "subsystems/workflow/upstream_internal.h"

namespace engine::workflow::internal {
namespace {

dag::graph graph_of(std::uint32_t nodes, const std::vector<dag::edge>& edges) {
  dag::graph built;
  dag::builder().build(nodes, edges, built).value();
  return built;
}

// By its own search for each pair.
bool is_upstream(const dag::graph& graph, const dag::edge& asked) {
  std::vector<bool> seen(graph.size());
  std::vector<dag::node_id> waiting = {asked.dependent};
  while (!waiting.empty()) {
    const dag::node_id node = waiting.back();
    waiting.pop_back();
    for (const dag::node_id dependency : graph.dependencies(node)) {
      if (dependency == asked.dependency) {
        return true;
      }
      if (!seen[dependency]) {
        seen[dependency] = true;
        waiting.push_back(dependency);
      }
    }
  }
  return false;
}

TEST(are_upstream, answers_in_the_order_of_the_questions) {
  // 0 <- 1 <- 2, 3 <- 2, 4
  const dag::graph graph = graph_of(5, {{0, 1}, {1, 2}, {3, 2}});
  const std::vector<dag::edge> asked = {{3, 2}, {0, 2}, {2, 0}, {0, 2}, {4, 2},
                                        {3, 1}, {0, 1}, {1, 3}, {1, 2}};
  const std::vector<bool> expected = {true, true, false, true, false, false, true, false, true};
  EXPECT_EQ(are_upstream(graph, asked), expected);
  EXPECT_TRUE(are_upstream(graph, {}).empty());
  EXPECT_TRUE(are_upstream(dag::graph(), {}).empty());
}

TEST(are_upstream, holds_for_every_pair_of_random_graphs) {
  fixtures::random random(7);
  for (const std::uint32_t nodes : {2U, 63U, 64U, 65U, 128U, 129U, 200U}) {
    std::vector<dag::edge> edges;
    std::vector<dag::edge> asked;
    for (dag::node_id dependent = 0; dependent < nodes; ++dependent) {
      for (dag::node_id dependency = 0; dependency < nodes; ++dependency) {
        if (dependency < dependent && random.below(nodes) < 2) {
          edges.push_back({dependency, dependent});
        }
        if (dependency != dependent) {
          asked.push_back({dependency, dependent});
        }
      }
    }
    random.shuffle(std::span(asked));
    const dag::graph graph = graph_of(nodes, edges);
    const std::vector<bool> answers = are_upstream(graph, asked);
    ASSERT_EQ(answers.size(), asked.size());
    for (std::size_t at = 0; at < asked.size(); ++at) {
      ASSERT_EQ(answers[at], is_upstream(graph, asked[at]))
          << nodes << " nodes: " << asked[at].dependency << " before " << asked[at].dependent;
    }
  }
}

}  // namespace
}  // namespace engine::workflow::internal
