// Candidate `floor`: the least work that the machine must do for the same answer.
//
// build, cycle: every name and every mention must be read, or it could be another; to find a name
// among others by what it says, one slot of an index must be touched for each mention, of 8 bytes,
// or it could not tell a name that is not there; and no order can be known before each edge has
// been counted off once. So the floor hashes every name and mention with the engine's hash, touches
// the slot of each mention and decrements the counter that it points to. It compares nothing,
// inserts nothing and writes no graph. Like the engine, it asks for memory ahead of time where the
// tables outgrow the cache, and it takes whichever of the two ways is faster. build_ids: reads each
// edge and decrements one counter for it. schedule: the same from the graph's rows, and marks each
// node done. levels: reads the order, which tells the levels apart, and writes one word for each
// node. insert_edge: compares the places of the two nodes and writes the edge down. Short loops
// take four at a turn. All of them assert the amount of their work.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/dag/hostile_input.h"
#include "bench/dag/inputs.h"
#include "subsystems/dag/builder.h"
#include "subsystems/dag/name_table_internal.h"

namespace headroom::dag_bench::least {

inline constexpr std::string_view name = "floor";

/// Counters that must go down by one for each edge in every run.
class edge_counters {
 public:
  edge_counters(std::uint32_t nodes, std::size_t edges) : counters_(nodes), edges_(edges) {}

  std::uint32_t* data() { return counters_.data(); }

  /// One for each edge; `node_of(at)` says which counter.
  template <class NodeOf>
  void count_off(std::size_t edges, NodeOf node_of) {
    std::uint32_t* const counters = counters_.data();
    std::size_t at = 0;
    if (counters_.size() >= prefetch_from) {
      for (; at + ahead < edges; ++at) {
        __builtin_prefetch(&counters[node_of(at + ahead)], 1);
        --counters[node_of(at)];
      }
    }
#pragma GCC unroll 4
    for (; at < edges; ++at) {
      --counters[node_of(at)];
    }
  }

  /// After any number of runs, at least one: whether all edges were counted in each.
  [[nodiscard]] std::string check(std::uint64_t runs) const {
    std::uint32_t sum = 0;
    for (const std::uint32_t each : counters_) {
      sum -= each;
    }
    const auto expected = static_cast<std::uint32_t>(edges_ * runs);
    return runs > 0 && sum == expected ? std::string{}
                                       : fmt::format("{} decrements instead of {}", sum, expected);
  }

 private:
  static constexpr std::size_t prefetch_from = 200'000;
  static constexpr std::size_t ahead = 32;

  std::vector<std::uint32_t> counters_;
  std::size_t edges_;
};

class build {
 public:
  static constexpr std::string_view name = least::name;

  template <class Input>
  explicit build(const Input& input)
      : tasks_(input.tasks()),
        slots_(std::bit_ceil(2 * std::size_t{input.nodes()}), input.nodes()),
        counters_(input.nodes() + 1, mentions_of(input.tasks())) {
    for (node_id id = 0; id < input.nodes(); ++id) {
      const std::uint64_t hashed = hash_of(tasks_[id].name, keys_);
      std::size_t index = hashed & (slots_.size() - 1);
      while (slots_[index] != input.nodes()) {
        index = (index + 1) & (slots_.size() - 1);
      }
      slots_[index] = hashed << 32 | id;
      expected_ += hashed;
    }
  }

  void run() {
    ++runs_;
    names_read_ = tasks_.size() < prefetch_from ? touch_all<false>() : touch_all<true>();
  }

  [[nodiscard]] std::string check() const {
    return names_read_ == expected_ ? counters_.check(runs_) : "not every name was read";
  }

 private:
  using keys = engine::dag::internal::hash_keys;

  static constexpr std::size_t prefetch_from = 5'000;
  static constexpr std::size_t batch = 64;

  static std::size_t mentions_of(std::span<const task> tasks) {
    std::size_t count = 0;
    for (const task& each : tasks) {
      count += each.depends_on.size();
    }
    return count;
  }

  static std::uint64_t hash_of(std::string_view text, const keys& with) {
    return engine::dag::internal::hash(text, with);
  }

  // Slots and counters in loops of their own, which is faster at any size: no load waits to learn
  // where a store before it goes.
  template <bool Prefetch>
  std::uint64_t touch_all() {
    const keys local_keys = keys_;
    const std::uint64_t* const slots = slots_.data();
    const std::uint64_t mask = slots_.size() - 1;
    std::uint32_t* const counters = counters_.data();
    std::array<std::uint32_t, batch> waiting;
    std::size_t count = 0;
    const auto flush = [&] {
#pragma GCC unroll 4
      for (std::size_t at = 0; at < count; ++at) {
        waiting[at] = static_cast<node_id>(slots[waiting[at]]);
        if constexpr (Prefetch) {
          __builtin_prefetch(&counters[waiting[at]], 1);
        }
      }
#pragma GCC unroll 4
      for (std::size_t at = 0; at < count; ++at) {
        --counters[waiting[at]];
      }
      count = 0;
    };
    std::uint64_t read = 0;
    for (const task& each : tasks_) {
      read += hash_of(each.name, local_keys);
      for (const std::string_view mention : each.depends_on) {
        waiting[count] = static_cast<std::uint32_t>(hash_of(mention, local_keys) & mask);
        if constexpr (Prefetch) {
          __builtin_prefetch(&slots[waiting[count]]);
        }
        if (++count == batch) {
          flush();
        }
      }
    }
    flush();
    return read;
  }

  std::span<const task> tasks_;
  keys keys_ = engine::dag::internal::key_source(1).draw();
  // A table of the names, at most half full: the id, and above it what tells the name from others.
  std::vector<std::uint64_t> slots_;
  edge_counters counters_;
  std::uint64_t expected_ = 0;
  std::uint64_t names_read_ = 0;
  std::uint64_t runs_ = 0;
};

using cycle = build;

class build_ids {
 public:
  static constexpr std::string_view name = least::name;

  explicit build_ids(const graph_input& input)
      : edges_(input.edges()), counters_(input.nodes(), input.edges().size()) {}

  void run() {
    ++runs_;
    counters_.count_off(edges_.size(), [this](std::size_t at) { return edges_[at].dependency; });
  }

  [[nodiscard]] std::string check() const { return counters_.check(runs_); }

 private:
  std::span<const edge> edges_;
  edge_counters counters_;
  std::uint64_t runs_ = 0;
};

class schedule {
 public:
  static constexpr std::string_view name = least::name;

  explicit schedule(const graph_input& input)
      : targets_(input.edges().size()),
        done_(input.nodes()),
        counters_(input.nodes(), input.edges().size()) {
    engine::dag::graph built;
    engine::dag::builder().build(input.nodes(), input.edges(), built).value();
    auto target = targets_.begin();
    for (const node_id node : built.order()) {
      const auto row = built.dependents(node);
      target = std::copy(row.begin(), row.end(), target);
    }
  }

  void run() {
    ++runs_;
    counters_.count_off(targets_.size(), [this](std::size_t at) { return targets_[at]; });
    for (std::uint8_t& mark : done_) {
      ++mark;
    }
  }

  [[nodiscard]] std::string check() const { return counters_.check(runs_); }

 private:
  std::vector<node_id> targets_;
  std::vector<std::uint8_t> done_;
  edge_counters counters_;
  std::uint64_t runs_ = 0;
};

class levels {
 public:
  static constexpr std::string_view name = least::name;

  explicit levels(const levels_input& input) : level_of_(input.nodes()) {
    engine::dag::builder().build(input.nodes(), input.edges(), graph_).value();
  }

  void run() {
    const std::uint32_t value = ++value_;
    std::uint32_t* const level_of = level_of_.data();
    const std::span<const node_id> order = graph_.order();
#pragma GCC unroll 4
    for (const node_id node : order) {
      level_of[node] = value;
    }
  }

  [[nodiscard]] std::string check() const {
    const auto written = std::count(level_of_.begin(), level_of_.end(), value_);
    return written == std::ssize(level_of_) ? std::string{} : "not every level was written";
  }

 private:
  engine::dag::graph graph_;
  std::vector<std::uint32_t> level_of_;
  std::uint32_t value_ = 0;
};

class insert_edge {
 public:
  static constexpr std::string_view name = least::name;
  static constexpr std::uint64_t batch = 10'000;

  explicit insert_edge(const insertion_input& input)
      : insertions_(input.insertions()),
        places_(input.base().levels().begin(), input.base().levels().end()),
        written_(input.insertions().size()) {}

  void prepare() { count_ = 0; }

  void run() {
    const edge& added = insertions_[next_];
    if (places_[added.dependency] < places_[added.dependent]) {
      written_[count_++] = added;
    }
    next_ = next_ + 1 == insertions_.size() ? 0 : next_ + 1;
  }

  [[nodiscard]] std::string check() const {
    return count_ == batch ? std::string{}
                           : fmt::format("{} edges written instead of {}", count_, batch);
  }

 private:
  std::span<const edge> insertions_;
  std::vector<std::uint64_t> places_;
  std::vector<edge> written_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

/// hostile: that a mention is nobody's name can only be known once both have been read, whatever is
/// said about it then.
class hostile {
 public:
  static constexpr std::string_view name = least::name;

  explicit hostile(const hostile_input& input) : tasks_(input.tasks()) {}

  void run() {
    words_ = 0;
    for (const task& each : tasks_) {
      read(each.name);
      for (const std::string_view mention : each.depends_on) {
        read(mention);
      }
    }
  }

  [[nodiscard]] std::string check() const { return words_ != 0 ? "" : "no name was read"; }

 private:
  void read(std::string_view text) {
    std::uint64_t word = 0;
    for (std::size_t at = 0; at + sizeof word <= text.size(); at += sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      words_ += word;
    }
  }

  std::span<const task> tasks_;
  std::uint64_t words_ = 0;
};

}  // namespace headroom::dag_bench::least
