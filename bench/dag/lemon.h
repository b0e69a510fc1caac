// Candidate `lemon`: LEMON's StaticDigraph, its fastest, made from sorted arcs that lead to
// dependencies.
#pragma once

#include <optional>

#include <lemon/connectivity.h>
#include <lemon/dfs.h>
#include <lemon/static_graph.h>

#include "bench/dag/peers.h"

namespace headroom::dag_bench::lemon_static {

inline constexpr std::string_view name = "lemon";

using digraph = lemon::StaticDigraph;
using pair = std::pair<int, int>;

inline std::size_t index_of(digraph::Node node) {
  return static_cast<std::size_t>(digraph::index(node));
}

/// Keeps the arcs that a depth-first search came by, and notices one that closes a cycle.
class path_watcher : public lemon::DfsVisitor<digraph> {
 public:
  explicit path_watcher(const digraph& graph)
      : graph_(graph),
        reached_by_(static_cast<std::size_t>(graph.nodeNum()), lemon::INVALID),
        on_path_(graph, false) {}

  void reach(const digraph::Node& node) { on_path_[node] = true; }
  void leave(const digraph::Node& node) { on_path_[node] = false; }
  void discover(const digraph::Arc& arc) { reached_by_[index_of(graph_.target(arc))] = arc; }
  void examine(const digraph::Arc& arc) {
    if (on_path_[graph_.target(arc)]) {
      closing_ = arc;
    }
  }

  [[nodiscard]] bool found() const { return closing_ != lemon::INVALID; }

  /// Each node a dependency of the next; empty if none was found.
  [[nodiscard]] std::vector<node_id> cycle() const {
    std::vector<node_id> path;
    if (found()) {
      const digraph::Node end = graph_.target(closing_);
      digraph::Node node = graph_.source(closing_);
      path.push_back(static_cast<node_id>(digraph::index(node)));
      while (node != end) {
        node = graph_.source(reached_by_[index_of(node)]);
        path.push_back(static_cast<node_id>(digraph::index(node)));
      }
    }
    return path;
  }

 private:
  const digraph& graph_;
  std::vector<digraph::Arc> reached_by_;  // LEMON's own map of arcs does not compile as C++20.
  digraph::NodeMap<bool> on_path_;
  digraph::Arc closing_ = lemon::INVALID;
};

/// A digraph and what is computed on it; memory of the results is kept between runs.
class sorted_digraph {
 public:
  void make(std::size_t nodes, const std::vector<pair>& arcs) {
    graph_.build(static_cast<int>(nodes), arcs.begin(), arcs.end());
  }

  void sort() {
    if (!place_) {
      place_.emplace(graph_);  // From here on it follows the graph.
    }
    digraph::NodeMap<int>& place = *place_;
    lemon::checkedTopologicalSort(graph_, place);
    // Arcs lead to dependencies, so the last place comes first.
    order_.resize(nodes());
    for (std::size_t at = 0; at < nodes(); ++at) {
      const auto from_end = static_cast<std::size_t>(place[digraph::node(static_cast<int>(at))]);
      order_[nodes() - 1 - from_end] = static_cast<node_id>(at);
    }
  }

  void assign_levels() {
    level_of_.resize(nodes());
    for (const node_id node : order_) {
      std::uint32_t level = 0;
      for (digraph::OutArcIt arc(graph_, digraph::node(static_cast<int>(node)));
           arc != lemon::INVALID; ++arc) {
        level = std::max(level, level_of_[index_of(graph_.target(arc))] + 1);
      }
      level_of_[node] = level;
    }
  }

  /// Depth first until an arc leads back into the current path.
  std::vector<node_id> find_cycle() {
    path_watcher watcher(graph_);
    lemon::DfsVisit<digraph, path_watcher> search(graph_, watcher);
    search.init();
    for (digraph::NodeIt root(graph_); root != lemon::INVALID && !watcher.found(); ++root) {
      if (!search.reached(root)) {
        search.addSource(root);
        while (!search.emptyQueue() && !watcher.found()) {
          search.processNextArc();
        }
      }
    }
    return watcher.cycle();
  }

  [[nodiscard]] std::size_t nodes() const { return static_cast<std::size_t>(graph_.nodeNum()); }
  [[nodiscard]] const digraph& graph() const { return graph_; }
  [[nodiscard]] const std::vector<node_id>& order() const { return order_; }
  [[nodiscard]] const std::vector<std::uint32_t>& level_of() const { return level_of_; }

 private:
  digraph graph_;
  std::optional<digraph::NodeMap<int>> place_;
  std::vector<node_id> order_;
  std::vector<std::uint32_t> level_of_;
};

class build {
 public:
  static constexpr std::string_view name = lemon_static::name;

  template <class Input>
  explicit build(const Input& input) : tasks_(input.tasks()) {}

  void run() {
    peers::resolve_names(tasks_, names_, arcs_);
    made_.make(tasks_.size(), arcs_);
    made_.sort();
    made_.assign_levels();
  }

  [[nodiscard]] ordering answer() const { return {made_.order(), made_.level_of()}; }

 private:
  std::span<const task> tasks_;
  peers::name_map names_;
  std::vector<pair> arcs_;
  sorted_digraph made_;
};

class build_ids {
 public:
  static constexpr std::string_view name = lemon_static::name;

  explicit build_ids(const graph_input& input) : nodes_(input.nodes()), edges_(input.edges()) {}

  void run() {
    peers::copy_edges(edges_, arcs_);
    made_.make(nodes_, arcs_);
    made_.sort();
    made_.assign_levels();
  }

  [[nodiscard]] ordering answer() const { return {made_.order(), made_.level_of()}; }

 private:
  std::uint32_t nodes_;
  std::span<const edge> edges_;
  std::vector<pair> arcs_;
  sorted_digraph made_;
};

class cycle {
 public:
  static constexpr std::string_view name = lemon_static::name;

  explicit cycle(const cycle_input& input) : tasks_(input.tasks()) {}

  void run() {
    peers::resolve_names(tasks_, names_, arcs_);
    made_.make(tasks_.size(), arcs_);
    path_ = made_.find_cycle();
  }

  [[nodiscard]] const std::vector<node_id>& answer() const { return path_; }

 private:
  std::span<const task> tasks_;
  peers::name_map names_;
  std::vector<pair> arcs_;
  sorted_digraph made_;
  std::vector<node_id> path_;
};

class schedule {
 public:
  static constexpr std::string_view name = lemon_static::name;

  explicit schedule(const graph_input& input) : drain_(input) {
    std::vector<pair> arcs;
    arcs.reserve(input.edges().size());
    for (const edge& each : input.edges()) {
      arcs.emplace_back(static_cast<int>(each.dependency), static_cast<int>(each.dependent));
    }
    std::sort(arcs.begin(), arcs.end());
    made_.make(input.nodes(), arcs);
  }

  void run() {
    const digraph& graph = made_.graph();
    drain_.run([&graph](node_id node, auto visit) {
      for (digraph::OutArcIt arc(graph, digraph::node(static_cast<int>(node)));
           arc != lemon::INVALID; ++arc) {
        visit(static_cast<node_id>(digraph::index(graph.target(arc))));
      }
    });
  }

  [[nodiscard]] const std::vector<node_id>& answer() const { return drain_.completed(); }

 private:
  sorted_digraph made_;
  peers::drain drain_;
};

class levels {
 public:
  static constexpr std::string_view name = lemon_static::name;

  explicit levels(const levels_input& input) {
    std::vector<pair> arcs;
    peers::copy_edges(input.edges(), arcs);
    made_.make(input.nodes(), arcs);
    made_.sort();
  }

  void run() { made_.assign_levels(); }

  [[nodiscard]] const std::vector<std::uint32_t>& answer() const { return made_.level_of(); }

 private:
  sorted_digraph made_;
};

}  // namespace headroom::dag_bench::lemon_static
