// What the tests of engine::dag share: small definitions, random graphs, slow but plain references.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/allocations.h"
#include "fixtures/random.h"
#include "subsystems/dag/dynamic_graph.h"
#include "subsystems/dag/graph.h"

namespace engine::dag::testing {

/// Tasks that own their text.
class definition {
 public:
  struct named {
    std::string name;
    std::vector<std::string> depends_on;
  };

  definition(std::initializer_list<named> tasks);
  explicit definition(std::vector<named> tasks);
  definition(const definition& other);
  definition& operator=(const definition&) = delete;  // No test needs it.

  [[nodiscard]] std::span<const task> tasks() const { return tasks_; }

 private:
  std::vector<named> text_;
  std::vector<std::vector<std::string_view>> mentions_;
  std::vector<task> tasks_;
};

/// 3 behind 1 and 2, both behind 0.
inline const std::vector<edge> diamond = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};

/// What a test expects of a problem.
struct expected_problem {
  errc code;
  std::vector<node_id> tasks;
  std::string message;
};

/// The graph of edges that are sound; throws if they are not.
[[nodiscard]] graph make_graph(std::uint32_t nodes, std::span<const edge> edges);

/// Tasks 0 to count - 1 with edges between them that are sound; throws if they are not.
[[nodiscard]] dynamic_graph make_tasks(std::uint32_t count, std::span<const edge> edges = {});

/// Each pair of tasks is an edge with this probability, along a random order of the ids; in random
/// sequence.
[[nodiscard]] std::vector<edge> random_edges(fixtures::random& source, std::uint32_t nodes,
                                             double probability);

/// A name of this length of letters, digits and now and then any byte at all.
[[nodiscard]] std::string random_name(fixtures::random& source, std::size_t bytes);

[[nodiscard]] std::vector<node_id> sorted(std::span<const node_id> ids);

/// The edges of a graph, by dependent.
[[nodiscard]] std::vector<edge> edges_of(const graph& from);

/// By node, the number of edges of the longest chain that ends there. REQUIRES: no cycle.
[[nodiscard]] std::vector<std::uint32_t> naive_levels(std::uint32_t nodes,
                                                      std::span<const edge> edges);

/// The number of edges of a shortest way, or -1 if there is none. From a node to itself: of a
/// cycle.
[[nodiscard]] int naive_distance(std::uint32_t nodes, std::span<const edge> edges, node_id from,
                                 node_id to);

/// What is wrong with `built` as the graph of `edges`; empty if nothing is.
[[nodiscard]] std::string find_flaw(const graph& built, std::uint32_t nodes,
                                    std::span<const edge> edges);

/// What is wrong with `path` as a cycle of `edges`, each a dependency of the next; empty if
/// nothing.
[[nodiscard]] std::string find_cycle_flaw(std::span<const node_id> path,
                                          std::span<const edge> edges);

using fixtures::allocations;

}  // namespace engine::dag::testing
