// Records of tasks in a maintained order: which of two comes first is one comparison of labels.
//
// The order-maintenance problem (Dietz and Sleator, 1987) in the simplified form of Bender, Cole,
// Demaine, Farach-Colton and Zito (2002): a doubly linked list whose nodes carry 64-bit labels with
// gaps. A node put between two others takes a label from the gap. Where a gap is used up, the
// smallest aligned range of labels around it that is sparse enough is labelled anew, evenly; the
// denser the range, the larger it grows. That is O(log n) relabelled nodes for each insertion,
// amortised, in the worst case, and next to none where insertions are spread or at either end.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "subsystems/dag/row_pool_internal.h"

namespace engine::dag::internal {

/// One cache line: all of a task that an edge which agrees with the order reads and writes, and
/// that a search reads.
struct alignas(64) node_record {
  std::uint64_t label = 0;  ///< the place in the order; 0 if there is no such task
  std::uint32_t mark = 0;   ///< the last search that came here
  row_pair rows;            ///< closed if there is no such task
};
static_assert(sizeof(node_record) == 64);

class ordered_nodes {
 public:
  [[nodiscard]] node_record& operator[](node_id node) { return nodes_[node]; }
  [[nodiscard]] const node_record& operator[](node_id node) const { return nodes_[node]; }

  [[nodiscard]] bool contains(node_id node) const {
    return node < nodes_.size() && nodes_[node].label != 0;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// All ids are below.
  [[nodiscard]] std::uint32_t id_end() const { return static_cast<std::uint32_t>(nodes_.size()); }
  /// The first in the order, or none.
  [[nodiscard]] node_id first() const { return first_; }
  [[nodiscard]] node_id after(node_id node) const { return links_[node].after; }
  [[nodiscard]] std::span<node_record> records() { return nodes_; }
  [[nodiscard]] std::size_t bytes() const {
    return nodes_.capacity() * sizeof(node_record) + links_.capacity() * sizeof(neighbours);
  }

  /// Tasks 0 to order.size() - 1 in this order. REQUIRES: no tasks yet.
  void assign(std::span<const node_id> order);
  /// A task without rows at the end of the order, with the id that was freed last, if any. O(1)
  /// amortised.
  node_id add();
  /// REQUIRES: contains(node), its rows are cleared.
  void remove(node_id node);

  /// Moves `chain`, in its order, to just before or just behind `pivot`, which is not in it.
  /// O(chain) and amortised relabelling; allocates nothing. REQUIRES: chain is not empty.
  void move_before(std::span<const node_id> chain, node_id pivot);
  void move_behind(std::span<const node_id> chain, node_id pivot);

 private:
  struct neighbours {
    node_id before;
    node_id after;
  };
  struct stretch {
    node_id first;
    node_id last;
    std::uint32_t count;
  };

  [[nodiscard]] node_id before(node_id node) const { return links_[node].before; }
  void link(node_id left, node_id right);
  void unlink(std::span<const node_id> chain);
  void insert(std::span<const node_id> chain, node_id left, node_id right);
  void label(const stretch& fresh);
  void relabel_around(stretch widened, std::uint64_t anchor);
  void spread(const stretch& nodes, std::uint64_t low, std::uint64_t stride);

  std::vector<node_record> nodes_;
  std::vector<neighbours> links_;
  node_id first_ = none;
  node_id last_ = none;
  node_id free_ = none;  // the first free id; its `after` is the next
  std::uint32_t count_ = 0;
};

}  // namespace engine::dag::internal
