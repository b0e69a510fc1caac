// Candidate `boost_adjacency_list`: Boost.Graph's default choice, vectors of vectors, one direction
// only. The graph is kept between runs and cleared, so that its vectors keep their memory.
#pragma once

#include <optional>

#include <boost/graph/adjacency_list.hpp>

#include "bench/dag/boost_graph.h"

namespace headroom::dag_bench::boost_adjacency_list {

struct adapter {
  static constexpr std::string_view name = "boost_adjacency_list";
  using graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  using pair = std::pair<node_id, node_id>;

  using memory = std::optional<graph>;
  using made = const graph&;

  // Straight from names to edges: a list of pairs between them would only cost.
  static const graph& make(memory& kept, std::span<const task> tasks, peers::name_map& names,
                           std::vector<pair>&) {
    names.assign(tasks);
    graph& made = clear(kept, tasks.size());
    for (node_id dependent = 0; dependent < tasks.size(); ++dependent) {
      for (const std::string_view mention : tasks[dependent].depends_on) {
        add_edge(dependent, names.at(mention), made);
      }
    }
    return made;
  }

  static const graph& make(memory& kept, std::uint32_t nodes, std::span<const edge> edges,
                           std::vector<pair>&) {
    graph& made = clear(kept, nodes);
    for (const edge& each : edges) {
      add_edge(each.dependent, each.dependency, made);
    }
    return made;
  }

  static graph make_reversed(std::uint32_t nodes, std::span<const edge> edges) {
    graph made(nodes);
    for (const edge& each : edges) {
      add_edge(each.dependency, each.dependent, made);
    }
    return made;
  }

 private:
  static graph& clear(memory& kept, std::size_t nodes) {
    if (!kept || num_vertices(*kept) != nodes) {
      return kept.emplace(nodes);
    }
    for (std::size_t node = 0; node < nodes; ++node) {
      clear_out_edges(node, *kept);
    }
    return *kept;
  }
};

using build = peers::boost_graph<adapter>::build;
using build_ids = peers::boost_graph<adapter>::build_ids;
using cycle = peers::boost_graph<adapter>::cycle;
using schedule = peers::boost_graph<adapter>::schedule;
using levels = peers::boost_graph<adapter>::levels;

/// Adds the edge and sorts anew, which also finds cycles: what Boost.Graph offers.
class insert_edge {
 public:
  static constexpr std::string_view name = adapter::name;
  static constexpr std::uint64_t batch = 4;

  explicit insert_edge(const insertion_input& input) : input_(input) {
    std::vector<adapter::pair> unused;
    adapter::make(graph_, input.base().nodes(), input.base().edges(), unused);
  }

  void prepare() {
    for (; next_ > 0; --next_) {
      const edge& added = input_.insertions()[next_ - 1];
      remove_edge(added.dependent, added.dependency, *graph_);
    }
  }

  void run() {
    const edge& added = input_.insertions()[next_++];
    add_edge(added.dependent, added.dependency, *graph_);
    sorter_.sort(*graph_);
  }

  [[nodiscard]] insertion_input::progress answer() const { return {next_, sorter_.order()}; }

 private:
  const insertion_input& input_;
  adapter::memory graph_;
  peers::boost_sorter<adapter::graph> sorter_;
  std::size_t next_ = 0;
};

}  // namespace headroom::dag_bench::boost_adjacency_list
