// What the DAG candidates work on, and the reference answers they are held against.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fixtures/workflow.h"
#include "subsystems/dag/graph.h"

namespace headroom::dag_bench {

using engine::dag::edge;
using engine::dag::node_id;
using engine::dag::task;

/// A graph ordered and levelled: what `build` and `build_ids` must come up with.
struct ordering {
  std::vector<node_id> order;           ///< every node behind its dependencies
  std::vector<std::uint32_t> level_of;  ///< longest chain of dependencies, by node
};

/// Levels by a plain depth-first search over lists of dependencies: independent of every candidate.
std::vector<std::uint32_t> reference_levels(std::size_t nodes, std::span<const edge> edges);

/// Why `order` is not an order of all nodes in which each stands behind its dependencies; empty if
/// it is.
std::string check_order(std::span<const node_id> order, std::size_t nodes,
                        std::span<const edge> edges);

/// A sound workflow. Items: nodes + edges.
class graph_input {
 public:
  explicit graph_input(engine::fixtures::workflow made);

  [[nodiscard]] std::uint32_t nodes() const {
    return static_cast<std::uint32_t>(made_.tasks().size());
  }
  [[nodiscard]] std::span<const task> tasks() const { return made_.tasks(); }
  [[nodiscard]] std::span<const edge> edges() const { return made_.edges(); }
  [[nodiscard]] std::span<const std::uint32_t> levels() const { return levels_; }
  [[nodiscard]] double items() const { return static_cast<double>(nodes() + edges().size()); }

  [[nodiscard]] std::string mismatch(const ordering& answer) const;
  /// Of a drain of the ready set: the nodes as they were completed.
  [[nodiscard]] std::string mismatch(const std::vector<node_id>& completed) const;
  /// Of the levels alone.
  [[nodiscard]] std::string mismatch_levels(std::span<const std::uint32_t> level_of) const;

 private:
  engine::fixtures::workflow made_;
  std::vector<std::uint32_t> levels_;
};

/// The sound graphs of a folder of manifests, one after the other. Items: nodes + edges of all.
class corpus_input {
 public:
  explicit corpus_input(std::vector<engine::fixtures::workflow> workflows);

  [[nodiscard]] const std::vector<graph_input>& graphs() const { return graphs_; }
  [[nodiscard]] double items() const;
  [[nodiscard]] std::string mismatch(const std::vector<ordering>& answers) const;

 private:
  std::vector<graph_input> graphs_;
};

/// A candidate for `build` on every graph of a corpus.
template <class Build>
class over_corpus {
 public:
  static constexpr std::string_view name = Build::name;

  explicit over_corpus(const corpus_input& input) {
    for (const graph_input& each : input.graphs()) {
      builds_.push_back(std::make_unique<Build>(each));
    }
  }

  void run() {
    for (const auto& each : builds_) {
      each->run();
    }
  }

  [[nodiscard]] std::vector<ordering> answer() const requires requires(const Build& build) {
    build.answer();
  }
  {
    std::vector<ordering> answers;
    for (const auto& each : builds_) {
      answers.push_back(each->answer());
    }
    return answers;
  }

  /// Of a floor: the first complaint.
  [[nodiscard]] std::string check() const requires requires(const Build& build) { build.check(); }
  {
    for (const auto& each : builds_) {
      if (std::string wrong = each->check(); !wrong.empty()) {
        return wrong;
      }
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<Build>> builds_;
};

/// A sound workflow for `levels`, where the level of each node is the whole answer. Items: nodes.
class levels_input : public graph_input {
 public:
  using graph_input::graph_input;

  [[nodiscard]] double items() const { return nodes(); }
  [[nodiscard]] std::string mismatch(const std::vector<std::uint32_t>& level_of) const {
    return mismatch_levels(level_of);
  }
};

/// A workflow with a cycle. Items: nodes + edges.
class cycle_input {
 public:
  explicit cycle_input(engine::fixtures::workflow made) : made_(std::move(made)) {}

  [[nodiscard]] std::uint32_t nodes() const {
    return static_cast<std::uint32_t>(made_.tasks().size());
  }
  [[nodiscard]] std::span<const task> tasks() const { return made_.tasks(); }
  [[nodiscard]] std::span<const edge> edges() const { return made_.edges(); }
  [[nodiscard]] double items() const { return static_cast<double>(nodes() + edges().size()); }

  /// `path`: each task a dependency of the next, the last of the first.
  [[nodiscard]] std::string mismatch(const std::vector<node_id>& path) const;

 private:
  engine::fixtures::workflow made_;
};

/// A sound graph and edges to be added to it, none of which closes a cycle, each from a lower to a
/// higher level. Items: one, the edge that a run adds.
class insertion_input {
 public:
  insertion_input(engine::fixtures::workflow made, std::uint32_t insertions);

  [[nodiscard]] const graph_input& base() const { return base_; }
  [[nodiscard]] std::span<const edge> insertions() const { return insertions_; }
  [[nodiscard]] double items() const { return 1; }

  /// The first so many insertions were made, and this is the order that the candidate now keeps.
  struct progress {
    std::size_t inserted;
    std::vector<node_id> order;
  };
  [[nodiscard]] std::string mismatch(const progress& answer) const;

 private:
  graph_input base_;
  std::vector<edge> insertions_;
};

}  // namespace headroom::dag_bench
