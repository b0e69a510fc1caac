// A validated task graph: who depends on whom, in which order tasks may run, and which may run side
// by side.
//
// The graph is topology over dense ids; names stay with the caller, whose task number i is node i.
// It is one flat array of 32-bit words: 16 bytes a node and 8 bytes an edge. Made by builder;
// immutable, so any number of threads may read it. A moved-from or default graph is empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "subsystems/dag/error.h"

namespace engine::dag {

/// A task as its author wrote it. The views are read during build() only.
struct task {
  std::string_view name;
  std::span<const std::string_view> depends_on;
};

/// One dependency by ids.
struct edge {
  node_id dependency;
  node_id dependent;

  friend bool operator==(const edge&, const edge&) = default;
};

class graph {
 public:
  graph() = default;
  graph(graph&& from) noexcept { swap(from); }
  graph& operator=(graph&& from) noexcept {
    graph taken(std::move(from));
    swap(taken);
    return *this;
  }
  graph(const graph&) = delete;  // Copying a million nodes by accident would be easy to miss.
  graph& operator=(const graph&) = delete;

  [[nodiscard]] std::uint32_t size() const { return nodes_; }
  [[nodiscard]] std::uint32_t edge_count() const { return edges_; }

  /// What `node` depends on, in the author's order. O(1). REQUIRES: node < size().
  [[nodiscard]] std::span<const node_id> dependencies(node_id node) const {
    return row(dependency_offsets(), dependency_targets(), node);
  }
  /// What depends on `node`, ascending. O(1). REQUIRES: node < size().
  [[nodiscard]] std::span<const node_id> dependents(node_id node) const {
    return row(dependent_offsets(), dependent_targets(), node);
  }

  /// All nodes, each behind its dependencies, level by level.
  [[nodiscard]] std::span<const node_id> order() const {
    return nodes_ == 0 ? std::span<const node_id>() : std::span(words_.get() + order_at(), nodes_);
  }
  /// Length of the longest chain, in tasks.
  [[nodiscard]] std::uint32_t level_count() const { return levels_; }
  /// The nodes whose longest chain of dependencies has `index` edges: all of them can run side by
  /// side once the levels before are done. O(1). REQUIRES: index < level_count().
  [[nodiscard]] std::span<const node_id> level(std::uint32_t index) const {
    const std::uint32_t* starts = words_.get() + level_starts_at();
    return order().subspan(starts[index], starts[index + 1] - starts[index]);
  }

  /// Memory held, in bytes.
  [[nodiscard]] std::size_t bytes() const { return capacity_ * sizeof(std::uint32_t); }

 private:
  friend class builder;

  void swap(graph& other) noexcept {
    std::swap(words_, other.words_);
    std::swap(capacity_, other.capacity_);
    std::swap(nodes_, other.nodes_);
    std::swap(edges_, other.edges_);
    std::swap(levels_, other.levels_);
  }

  // words_ holds, one behind the other: dependency offsets [nodes + 2], dependent offsets [nodes +
  // 2], dependent targets [edges], dependency targets [edges], order [nodes], level starts [nodes +
  // 1, the first levels + 1 in use]. The last offsets are working space of the builder.
  [[nodiscard]] std::size_t dependent_offsets_at() const { return std::size_t{nodes_} + 2; }
  [[nodiscard]] std::size_t dependent_targets_at() const { return 2 * (std::size_t{nodes_} + 2); }
  [[nodiscard]] std::size_t dependency_targets_at() const {
    return dependent_targets_at() + edges_;
  }
  [[nodiscard]] std::size_t order_at() const { return dependency_targets_at() + edges_; }
  [[nodiscard]] std::size_t level_starts_at() const { return order_at() + nodes_; }
  [[nodiscard]] std::size_t words() const { return level_starts_at() + nodes_ + 1; }

  [[nodiscard]] const std::uint32_t* dependency_offsets() const { return words_.get(); }
  [[nodiscard]] const std::uint32_t* dependent_offsets() const {
    return words_.get() + dependent_offsets_at();
  }
  [[nodiscard]] const std::uint32_t* dependency_targets() const {
    return words_.get() + dependency_targets_at();
  }
  [[nodiscard]] const std::uint32_t* dependent_targets() const {
    return words_.get() + dependent_targets_at();
  }

  static std::span<const node_id> row(const std::uint32_t* offsets, const std::uint32_t* targets,
                                      node_id node) {
    return {targets + offsets[node], offsets[node + 1] - offsets[node]};
  }

  std::unique_ptr<std::uint32_t[]> words_;
  std::size_t capacity_ = 0;  // words allocated
  std::uint32_t nodes_ = 0;
  std::uint32_t edges_ = 0;
  std::uint32_t levels_ = 0;
};

}  // namespace engine::dag
