// Candidate `engine`: ours, as a user calls it.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/dag/hostile_input.h"
#include "bench/dag/inputs.h"
#include "bench/harness/subject.h"
#include "subsystems/dag/builder.h"
#include "subsystems/dag/dynamic_graph.h"
#include "subsystems/dag/levels.h"
#include "subsystems/dag/run.h"

namespace headroom::dag_bench::ours {

inline constexpr std::string_view name = "engine";

/// What a built graph says, in the form that all candidates answer in.
inline ordering answer_of(const engine::dag::graph& built) {
  ordering answer{{built.order().begin(), built.order().end()},
                  std::vector<std::uint32_t>(built.size())};
  engine::dag::assign_levels(built, answer.level_of).value();
  return answer;
}

inline std::vector<counter> size_of(const engine::dag::graph& built) {
  return {{"bytes_per_node", static_cast<double>(built.bytes()) / built.size()}};
}

class build {
 public:
  static constexpr std::string_view name = ours::name;

  template <class Input>
  explicit build(const Input& input) : tasks_(input.tasks()) {}

  void run() { built_ = builder_.build(tasks_, graph_).has_value(); }

  [[nodiscard]] ordering answer() const { return built_ ? answer_of(graph_) : ordering{}; }
  [[nodiscard]] std::vector<counter> counters() const { return size_of(graph_); }

 private:
  std::span<const task> tasks_;
  engine::dag::builder builder_{
      {.hash_seed = 1}};  // The same table in every run, so that two runs compare.
  engine::dag::graph graph_;
  bool built_ = false;
};

class build_ids {
 public:
  static constexpr std::string_view name = ours::name;

  explicit build_ids(const graph_input& input) : nodes_(input.nodes()), edges_(input.edges()) {}

  void run() { built_ = builder_.build(nodes_, edges_, graph_).has_value(); }

  [[nodiscard]] ordering answer() const { return built_ ? answer_of(graph_) : ordering{}; }
  [[nodiscard]] std::vector<counter> counters() const { return size_of(graph_); }

 private:
  std::uint32_t nodes_;
  std::span<const edge> edges_;
  engine::dag::builder builder_{
      {.hash_seed = 1}};  // The same table in every run, so that two runs compare.
  engine::dag::graph graph_;
  bool built_ = false;
};

class cycle {
 public:
  static constexpr std::string_view name = ours::name;

  explicit cycle(const cycle_input& input) : tasks_(input.tasks()) {}

  void run() {
    path_.clear();
    if (auto built = builder_.build(tasks_, graph_); !built) {
      engine::dag::error refused = std::move(built).error();
      if (refused.code() == engine::dag::errc::cycle) {
        path_ = std::move(refused.problems.front().tasks);
      }
    }
  }

  [[nodiscard]] const std::vector<node_id>& answer() const { return path_; }

 private:
  std::span<const task> tasks_;
  engine::dag::builder builder_{
      {.hash_seed = 1}};  // The same table in every run, so that two runs compare.
  engine::dag::graph graph_;
  std::vector<node_id> path_;
};

/// A graph with unknown dependencies → refused, with guesses at what was meant.
class hostile {
 public:
  static constexpr std::string_view name = ours::name;

  explicit hostile(const hostile_input& input) : tasks_(input.tasks()) {}

  void run() {
    auto built = builder_.build(tasks_, graph_);
    problems_ = built ? 0 : std::move(built).error().problems.size();
  }

  [[nodiscard]] std::size_t answer() const { return problems_; }

 private:
  std::span<const task> tasks_;
  engine::dag::builder builder_{
      {.hash_seed = 1}};  // The same table in every run, so that two runs compare.
  engine::dag::graph graph_;
  std::size_t problems_ = 0;
};

/// From the first ready task to the last completion.
class schedule {
 public:
  static constexpr std::string_view name = ours::name;

  explicit schedule(const graph_input& input)
      : graph_(built_from(input)), run_(graph_), completed_(input.nodes()) {}

  void run() {
    run_.reset();
    std::size_t count = 0;
    while (const auto node = run_.take()) {
      completed_[count++] = *node;
      if (!run_.complete(*node)) {
        break;
      }
    }
    completed_.resize(count);
  }

  [[nodiscard]] const std::vector<node_id>& answer() const { return completed_; }

 private:
  static engine::dag::graph built_from(const graph_input& input) {
    engine::dag::graph built;
    engine::dag::builder().build(input.nodes(), input.edges(), built).value();
    return built;
  }

  engine::dag::graph graph_;
  engine::dag::run run_;
  std::vector<node_id> completed_;
};

class levels {
 public:
  static constexpr std::string_view name = ours::name;

  explicit levels(const levels_input& input) : level_of_(input.nodes()) {
    engine::dag::builder().build(input.nodes(), input.edges(), graph_).value();
  }

  void run() { assigned_ = engine::dag::assign_levels(graph_, level_of_).has_value(); }

  [[nodiscard]] std::vector<std::uint32_t> answer() const {
    return assigned_ ? level_of_ : std::vector<std::uint32_t>{};
  }

 private:
  engine::dag::graph graph_;
  std::vector<std::uint32_t> level_of_;
  bool assigned_ = false;
};

class insert_edge {
 public:
  static constexpr std::string_view name = ours::name;
  static constexpr std::uint64_t batch = 10'000;

  explicit insert_edge(const insertion_input& input) : insertions_(input.insertions()) {
    engine::dag::builder().build(input.base().nodes(), input.base().edges(), base_).value();
  }

  void prepare() {
    graph_ = engine::dag::dynamic_graph(base_);
    next_ = 0;
    refused_ = 0;
  }

  void run() { refused_ += graph_.add_edge(insertions_[next_++]) ? 0U : 1U; }

  [[nodiscard]] insertion_input::progress answer() const {
    return {next_ - refused_, graph_.order()};
  }

 private:
  std::span<const edge> insertions_;
  engine::dag::graph base_;
  engine::dag::dynamic_graph graph_;
  std::size_t next_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace headroom::dag_bench::ours
