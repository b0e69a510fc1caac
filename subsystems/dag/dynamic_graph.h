// A task graph that changes while it is used: tasks and dependencies come and go one by one, cycles
// are refused, and an order in which tasks may run is kept up to date.
//
// Owns everything; ids are those of add_task() and are reused. 72 bytes a task, twelve dependencies
// and dependents in all included; where there are more, the longer row takes a block of a pool, 4
// to 8 bytes each, or more after many were removed. Not thread-safe.
//
// A dependency that agrees with the order kept costs O(1) and two cache lines, plus the search for
// a duplicate in the shorter of two rows; one that does not costs a search that stops when the
// cheaper of both directions is exhausted (two_way_search_internal.h) and O(log size) amortised
// relabelled tasks for each that moves (ordered_nodes_internal.h). Allocates only to grow.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"
#include "subsystems/dag/options.h"
#include "subsystems/dag/ordered_nodes_internal.h"
#include "subsystems/dag/row_pool_internal.h"
#include "subsystems/dag/two_way_search_internal.h"

namespace engine::dag {

class dynamic_graph {
 public:
  /// Empty. Throws std::invalid_argument if a limit is above what options allows.
  explicit dynamic_graph(const options& limits = {});
  /// The tasks, ids, dependencies and order of `from`, which need not outlive it. Throws
  /// std::invalid_argument also if `from` is beyond the limits.
  explicit dynamic_graph(const graph& from, const options& limits = {});

  dynamic_graph(dynamic_graph&&) noexcept =
      default;  // The source may only be assigned or destroyed.
  dynamic_graph& operator=(dynamic_graph&&) noexcept = default;
  dynamic_graph(const dynamic_graph&) =
      delete;  // Copying a large graph by accident is easy to miss.
  dynamic_graph& operator=(const dynamic_graph&) = delete;

  /// A task without dependencies, last in the order: its id, which is the one that was freed last,
  /// if any is free. Fails with too_many_nodes. O(1) amortised.
  [[nodiscard]] result<node_id> add_task();

  /// Fails with unknown_node, self_dependency, duplicate_dependency, too_many_edges or cycle; for
  /// the last see last_cycle(). On failure nothing is changed.
  [[nodiscard]] result<void> add_edge(edge added) {
    if (added.dependency < nodes_.id_end() && added.dependent < nodes_.id_end()) [[likely]] {
      internal::node_record& dependency = nodes_[added.dependency];
      internal::node_record& dependent = nodes_[added.dependent];
      // The rows of a task that does not exist have no room.
      const bool usual = dependency.label < dependent.label && dependency.rows.has_room() &&
                         dependent.rows.has_room() &&
                         !dependency.rows.contains_in_place(added.dependent) && edges_ < edges_max_;
      if (usual) [[likely]] {
        dependency.rows.push_in_place<side::downstream>(added.dependent);
        dependent.rows.push_in_place<side::upstream>(added.dependency);
        ++edges_;
        return {};
      }
    }
    return add_unusual_edge(added);
  }

  /// The cycle that the last failed add_edge() would have closed: starts with its dependent, ends
  /// with its dependency, each a dependency of the next. Not always a shortest one. Valid until the
  /// next add_edge(); meaningless unless the last one failed with cycle.
  [[nodiscard]] std::span<const node_id> last_cycle() const { return search_.path(); }

  /// Fails with unknown_node or unknown_edge. O(length of both rows). The order stays.
  [[nodiscard]] result<void> remove_edge(edge removed);

  /// Removes a task and all dependencies from and to it; its id is free. Fails with unknown_node.
  /// O(length of its rows and of its neighbours' rows).
  [[nodiscard]] result<void> remove_task(node_id node);

  /// What `node` depends on, in no particular order; valid until the next change. O(1).
  /// REQUIRES: contains(node), as do the next two.
  [[nodiscard]] std::span<const node_id> dependencies(node_id node) const {
    assert(contains(node));
    return rows_.view(nodes_[node].rows, side::upstream);
  }
  /// What depends on `node`.
  [[nodiscard]] std::span<const node_id> dependents(node_id node) const {
    assert(contains(node));
    return rows_.view(nodes_[node].rows, side::downstream);
  }

  /// Whether `left` comes before `right` in the order kept. O(1). True if `right` depends on
  /// `left`, directly or not; if neither depends on the other, one of both precedes.
  [[nodiscard]] bool precedes(node_id left, node_id right) const {
    assert(contains(left) && contains(right));
    return nodes_[left].label < nodes_[right].label;
  }
  /// All tasks in the order kept, each behind its dependencies. O(size); allocates the vector.
  [[nodiscard]] std::vector<node_id> order() const;

  [[nodiscard]] bool contains(node_id node) const { return nodes_.contains(node); }
  [[nodiscard]] std::uint32_t size() const { return nodes_.count(); }
  [[nodiscard]] std::uint32_t edge_count() const { return edges_; }
  /// All ids are below: the size for an array by id.
  [[nodiscard]] std::uint32_t id_end() const { return nodes_.id_end(); }
  /// Memory held, in bytes, but for that of searches.
  [[nodiscard]] std::size_t bytes() const { return nodes_.bytes() + rows_.bytes(); }

 private:
  using side = internal::side;

  result<void> add_unusual_edge(edge added);
  [[nodiscard]] bool has_edge(edge wanted) const;
  void insert(edge added);

  internal::ordered_nodes nodes_;
  internal::row_pool rows_;
  internal::two_way_search search_;
  std::uint32_t edges_ = 0;
  std::uint32_t nodes_max_;
  std::uint32_t edges_max_;
};

}  // namespace engine::dag
