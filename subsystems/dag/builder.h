// Builds a validated graph from tasks that name their dependencies, or from edges by id.
//
// A builder owns reusable working memory: 32 to 56 bytes a task (24 to 40 from 350,000 tasks on), 4
// a dependency, and a second graph, so a build that is not larger than an earlier one of its
// kind, into a graph that is not smaller, allocates nothing. Not thread-safe: one builder for each
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"
#include "subsystems/dag/name_table_internal.h"
#include "subsystems/dag/options.h"

namespace engine::dag {

namespace internal {
struct sorted_node;
struct transposed_rows;
}  // namespace internal

class builder {
 public:
  /// Throws std::invalid_argument if a limit is above what options allows.
  explicit builder(const options& limits = {});

  builder(builder&&) noexcept = default;
  builder& operator=(builder&&) noexcept = default;
  builder(const builder&) = delete;  // Working memory is not worth copying.
  builder& operator=(const builder&) = delete;

  /// Replaces `out` by the graph of `tasks`: node i is tasks[i]. O(tasks + dependencies + bytes of
  /// names) expected. Fails with every problem of the names (empty_name, name_too_long,
  /// duplicate_task, unknown_dependency, self_dependency, duplicate_dependency) or, if there is
  /// none, with a cycle: a shortest one through the reported task. Also with too_many_nodes or
  /// too_many_edges. On failure `out` is unchanged. Names are told apart by fingerprints under
  /// secret keys: sound tasks always give their own graph, a second task of one name never passes,
  /// and a dependency that is not a task does with a probability below (blocks + 1) * tasks / 2^49,
  /// whoever made the names: blocks = 1 up to 28 bytes of the longest name, 10 up to 255
  /// (name_table_internal.h has the proof). Where names look alike, other keys are tried, eight
  /// sets at most; then the graph is refused with names_alike. Of 1,000 tasks two look alike with a
  /// probability below 10^-8, of 4,000,000 below 3 %.
  [[nodiscard]] checked<void> build(std::span<const task> tasks, graph& out);

  /// The same for `nodes` tasks without names and their dependencies in any order, fastest in
  /// ascending order of dependents. Fails with unknown_node, self_dependency, duplicate_dependency,
  /// cycle, too_many_nodes or too_many_edges.
  [[nodiscard]] checked<void> build(std::uint32_t nodes, std::span<const edge> edges, graph& out);

 private:
  using reading = internal::name_table::reading;

  void reserve_graph(std::uint32_t nodes, std::uint32_t edges);
  [[nodiscard]] std::optional<std::uint32_t> room_for_edges(std::uint32_t nodes) const;
  [[nodiscard]] reading resolve(std::span<const task> tasks, std::uint32_t room);
  [[nodiscard]] bool copy(std::span<const edge> edges);
  void group(std::span<const edge> edges);
  [[nodiscard]] std::uint32_t start_rows();
  [[nodiscard]] internal::transposed_rows dependent_rows();
  [[nodiscard]] bool sort(std::uint32_t roots);
  [[nodiscard]] bool has_flaw() const;
  [[nodiscard]] error describe_cycle(std::span<const task> tasks);
  std::byte* scratch(std::size_t bytes);

  static constexpr std::size_t line_bytes = 64;
  struct alignas(line_bytes) cache_line {
    std::byte bytes[line_bytes];
  };

  options limits_;
  internal::key_source key_source_;
  internal::hash_keys keys_;
  graph spare_;  // what is built; swapped with the caller's graph on success
  std::unique_ptr<cache_line[]> scratch_;
  std::size_t scratch_lines_ = 0;
  bool has_duplicate_ = false;  // a dependency was seen twice while sorting
  // In scratch_:
  internal::sorted_node* state_ = nullptr;  // by node, and one more
  node_id* sources_ = nullptr;              // the dependent of each edge, by dependent
};

}  // namespace engine::dag
