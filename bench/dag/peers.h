// What the peers share: the name map that a user would pick, and the loops that every graph library
// leaves to its user.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "bench/dag/inputs.h"

namespace headroom::dag_bench::peers {

/// The fastest map there is for the peers, of those measured on layered workflows of 100 to
/// 1,000,000 tasks: boost::unordered_flat_map with the standard library's hash beats it with
/// Boost's, and std::unordered_map, from 100 tasks on (by 1.5 to 1.8 from 10,000). Reserved, keyed
/// by string_view, and kept between runs.
class name_map {
 public:
  void assign(std::span<const task> tasks) {
    ids_.clear();
    ids_.reserve(tasks.size());
    for (node_id id = 0; id < tasks.size(); ++id) {
      ids_.emplace(tasks[id].name, id);
    }
  }
  [[nodiscard]] node_id at(std::string_view name) const { return ids_.find(name)->second; }

 private:
  struct string_hash {
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  boost::unordered_flat_map<std::string_view, node_id, string_hash> ids_;
};

inline std::size_t count_mentions(std::span<const task> tasks) {
  std::size_t count = 0;
  for (const task& each : tasks) {
    count += each.depends_on.size();
  }
  return count;
}

/// Dependent and dependency of every edge, sorted by dependent, as compressed graphs take them
/// fastest.
template <class Pair>
void resolve_names(std::span<const task> tasks, name_map& names, std::vector<Pair>& edges) {
  using id = typename Pair::first_type;
  names.assign(tasks);
  edges.clear();
  if (edges.capacity() == 0) {  // It is kept between runs.
    edges.reserve(count_mentions(tasks));
  }
  for (node_id dependent = 0; dependent < tasks.size(); ++dependent) {
    for (const std::string_view mention : tasks[dependent].depends_on) {
      edges.emplace_back(static_cast<id>(dependent), static_cast<id>(names.at(mention)));
    }
  }
}

/// The same from edges by id, which the fixtures give in order of their dependents.
template <class Pair>
void copy_edges(std::span<const edge> from, std::vector<Pair>& edges) {
  using id = typename Pair::first_type;
  edges.clear();
  edges.reserve(from.size());
  for (const edge& each : from) {
    edges.emplace_back(static_cast<id>(each.dependent), static_cast<id>(each.dependency));
  }
}

/// Boost's topological sort and levels of a graph whose out-edges lead to dependencies. Memory is
/// kept between runs.
template <class Graph>
class boost_sorter {
 public:
  void sort(const Graph& graph) {
    order_.clear();
    order_.reserve(num_vertices(graph));
    colors_.assign(num_vertices(graph), boost::white_color);
    boost::topological_sort(graph, std::back_inserter(order_), boost::color_map(color_of(graph)));
  }

  void assign_levels(const Graph& graph) {
    level_of_.resize(num_vertices(graph));
    for (const node_id node : order_) {
      std::uint32_t level = 0;
      const auto [first, last] = out_edges(node, graph);
      for (auto at = first; at != last; ++at) {
        level = std::max(level, level_of_[target(*at, graph)] + 1);
      }
      level_of_[node] = level;
    }
  }

  /// A cycle as Boost's users find one: depth first until a back edge, by the terminator that ends
  /// a visit, and up the tree from there.
  std::vector<node_id> find_cycle(const Graph& graph) {
    colors_.assign(num_vertices(graph), boost::white_color);
    reached_from_.resize(num_vertices(graph));
    closing_edge found;
    const auto is_found = [&found](auto, const Graph&) { return found.exists; };
    for (node_id root = 0; root < num_vertices(graph) && !found.exists; ++root) {
      if (colors_[root] == boost::white_color) {
        boost::depth_first_visit(graph, root, cycle_visitor(reached_from_, found), color_of(graph),
                                 is_found);
      }
    }
    // Out-edges lead to dependencies, so the way up the tree leads from a dependency to its
    // dependents.
    std::vector<node_id> path;
    if (found.exists) {
      path.push_back(found.from);
      while (path.back() != found.to) {
        path.push_back(reached_from_[path.back()]);
      }
    }
    return path;
  }

  [[nodiscard]] const std::vector<node_id>& order() const { return order_; }
  [[nodiscard]] const std::vector<std::uint32_t>& level_of() const { return level_of_; }

 private:
  struct closing_edge {
    bool exists = false;
    node_id from = 0;
    node_id to = 0;
  };

  struct cycle_visitor : boost::default_dfs_visitor {
    cycle_visitor(std::vector<node_id>& reached, closing_edge& closing)
        : reached_from(&reached), found(&closing) {}

    template <class Edge>
    void tree_edge(const Edge& taken, const Graph& graph) {
      (*reached_from)[target(taken, graph)] = static_cast<node_id>(source(taken, graph));
    }
    template <class Edge>
    void back_edge(const Edge& taken, const Graph& graph) {
      // The first is kept: a visit may come by others before it ends.
      if (!found->exists) {
        *found = {true, static_cast<node_id>(source(taken, graph)),
                  static_cast<node_id>(target(taken, graph))};
      }
    }

    std::vector<node_id>* reached_from;
    closing_edge* found;
  };

  auto color_of(const Graph& graph) {
    return boost::make_iterator_property_map(colors_.begin(), get(boost::vertex_index, graph));
  }

  std::vector<node_id> order_;
  std::vector<boost::default_color_type> colors_;
  std::vector<std::uint32_t> level_of_;
  std::vector<node_id> reached_from_;
};

/// Drains the ready set of a graph whose rows `for_each_dependent(node, visit)` visits: counters
/// and a queue, nothing checked. Memory is kept between runs.
class drain {
 public:
  explicit drain(const graph_input& input) : dependencies_(input.nodes()) {
    for (const edge& each : input.edges()) {
      ++dependencies_[each.dependent];
    }
  }

  template <class ForEachDependent>
  void run(ForEachDependent for_each_dependent) {
    pending_.assign(dependencies_.begin(), dependencies_.end());
    queue_.clear();
    queue_.reserve(pending_.size());
    for (node_id node = 0; node < pending_.size(); ++node) {
      if (pending_[node] == 0) {
        queue_.push_back(node);
      }
    }
    for (std::size_t head = 0; head < queue_.size(); ++head) {
      for_each_dependent(queue_[head], [this](node_id dependent) {
        if (--pending_[dependent] == 0) {
          queue_.push_back(dependent);
        }
      });
    }
  }

  [[nodiscard]] const std::vector<node_id>& completed() const { return queue_; }

 private:
  std::vector<std::uint32_t> dependencies_;
  std::vector<std::uint32_t> pending_;
  std::vector<node_id> queue_;
};

}  // namespace headroom::dag_bench::peers
