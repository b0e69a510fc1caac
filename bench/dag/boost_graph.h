// The operations on a Boost graph, whichever: `Adapter` says how one is made.
#pragma once

#include "bench/dag/peers.h"

namespace headroom::dag_bench::peers {

/// REQUIRES of Adapter: `name`; `graph`; `memory`, which is kept between runs; `make(memory, tasks,
/// names, pairs)` and `make(memory, nodes, edges, pairs)`, which return `made`, a graph or a
/// reference to one in `memory`, with out-edges to dependencies; `graph make_reversed(nodes,
/// edges)`, with out-edges to dependents.
template <class Adapter>
struct boost_graph {
  using graph = typename Adapter::graph;
  using pair = std::pair<node_id, node_id>;

  class build {
   public:
    static constexpr std::string_view name = Adapter::name;

    template <class Input>
    explicit build(const Input& input) : tasks_(input.tasks()) {}

    void run() {
      const graph& built = Adapter::make(memory_, tasks_, names_, edges_);
      sorter_.sort(built);
      sorter_.assign_levels(built);
    }

    [[nodiscard]] ordering answer() const { return {sorter_.order(), sorter_.level_of()}; }

   private:
    std::span<const task> tasks_;
    name_map names_;
    std::vector<pair> edges_;
    typename Adapter::memory memory_;
    boost_sorter<graph> sorter_;
  };

  class build_ids {
   public:
    static constexpr std::string_view name = Adapter::name;

    explicit build_ids(const graph_input& input) : nodes_(input.nodes()), from_(input.edges()) {}

    void run() {
      const graph& built = Adapter::make(memory_, nodes_, from_, edges_);
      sorter_.sort(built);
      sorter_.assign_levels(built);
    }

    [[nodiscard]] ordering answer() const { return {sorter_.order(), sorter_.level_of()}; }

   private:
    std::uint32_t nodes_;
    std::span<const edge> from_;
    std::vector<pair> edges_;
    typename Adapter::memory memory_;
    boost_sorter<graph> sorter_;
  };

  class cycle {
   public:
    static constexpr std::string_view name = Adapter::name;

    explicit cycle(const cycle_input& input) : tasks_(input.tasks()) {}

    void run() { path_ = sorter_.find_cycle(Adapter::make(memory_, tasks_, names_, edges_)); }

    [[nodiscard]] const std::vector<node_id>& answer() const { return path_; }

   private:
    std::span<const task> tasks_;
    name_map names_;
    std::vector<pair> edges_;
    typename Adapter::memory memory_;
    boost_sorter<graph> sorter_;
    std::vector<node_id> path_;
  };

  class schedule {
   public:
    static constexpr std::string_view name = Adapter::name;

    explicit schedule(const graph_input& input)
        : graph_(Adapter::make_reversed(input.nodes(), input.edges())), drain_(input) {}

    void run() {
      drain_.run([this](node_id node, auto visit) {
        const auto [first, last] = out_edges(node, graph_);
        for (auto at = first; at != last; ++at) {
          visit(static_cast<node_id>(target(*at, graph_)));
        }
      });
    }

    [[nodiscard]] const std::vector<node_id>& answer() const { return drain_.completed(); }

   private:
    graph graph_;
    drain drain_;
  };

  class levels {
   public:
    static constexpr std::string_view name = Adapter::name;

    explicit levels(const levels_input& input)
        : graph_(Adapter::make(memory_, input.nodes(), input.edges(), edges_)) {
      sorter_.sort(graph_);
    }

    void run() { sorter_.assign_levels(graph_); }

    [[nodiscard]] const std::vector<std::uint32_t>& answer() const { return sorter_.level_of(); }

   private:
    std::vector<pair> edges_;
    typename Adapter::memory memory_;
    typename Adapter::made graph_;
    boost_sorter<graph> sorter_;
  };
};

}  // namespace headroom::dag_bench::peers
