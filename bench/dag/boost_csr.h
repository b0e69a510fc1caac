// Candidate `boost_csr`: Boost.Graph's compressed sparse rows, 32-bit, made from sorted edges, one
// direction only. Such a graph cannot be filled again, so each run makes one.
#pragma once

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/iterator/transform_iterator.hpp>

#include "bench/dag/boost_graph.h"

namespace headroom::dag_bench::boost_csr {

struct adapter {
  static constexpr std::string_view name = "boost_csr";
  using graph =
      boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                         boost::no_property, node_id, std::uint32_t>;
  using pair = std::pair<node_id, node_id>;

  struct memory {};
  using made = graph;

  static graph make(memory&, std::span<const task> tasks, peers::name_map& names,
                    std::vector<pair>& edges) {
    peers::resolve_names(tasks, names, edges);
    return from_sorted(tasks.size(), edges.size(), edges.begin());
  }

  // Straight from the edges, which come sorted.
  static graph make(memory&, std::uint32_t nodes, std::span<const edge> from, std::vector<pair>&) {
    return from_sorted(nodes, from.size(),
                       boost::make_transform_iterator(from.begin(), [](const edge& each) {
                         return pair(each.dependent, each.dependency);
                       }));
  }

  static graph make_reversed(std::uint32_t nodes, std::span<const edge> from) {
    std::vector<pair> edges;
    edges.reserve(from.size());
    for (const edge& each : from) {
      edges.emplace_back(each.dependency, each.dependent);
    }
    std::sort(edges.begin(), edges.end());
    return from_sorted(nodes, edges.size(), edges.begin());
  }

 private:
  template <class Iterator>
  static graph from_sorted(std::size_t nodes, std::size_t edges, Iterator first) {
    return graph(boost::edges_are_sorted, first, first + static_cast<std::ptrdiff_t>(edges),
                 static_cast<graph::vertices_size_type>(nodes),
                 static_cast<graph::edges_size_type>(edges));
  }
};

using build = peers::boost_graph<adapter>::build;
using build_ids = peers::boost_graph<adapter>::build_ids;
using cycle = peers::boost_graph<adapter>::cycle;
using schedule = peers::boost_graph<adapter>::schedule;
using levels = peers::boost_graph<adapter>::levels;

}  // namespace headroom::dag_bench::boost_csr
