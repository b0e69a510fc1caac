#include <algorithm>
#include <array>
#include <cstring>

#include "subsystems/dag/level_sort_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes the counters outgrow the caches, and lines are asked for ahead of time:
// the row's ends, then the row, then the counters of its nodes.
constexpr std::uint32_t prefetch_from = 200'000;
constexpr std::ptrdiff_t rows_ahead = 8;

// Nodes of many short rows that one loop takes together.
constexpr std::uint32_t batch = 256;

// Set in the first node of a row. Ids stay below 2^31 - 1, so `no_node` is none, marked or not.
constexpr node_id row_mark = 0x80000000;
constexpr node_id no_node = ~node_id{0};

// Inlined by force: gcc takes a function that only prefetches for one without effect and drops the
// call.
[[gnu::always_inline]] inline void prefetch_ahead(const level_sort_input& graph,
                                                  const node_id* head, const node_id* tail) {
  if (tail - head > 2 * rows_ahead) {
    __builtin_prefetch(&graph.offsets[head[2 * rows_ahead]]);
  }
  if (tail - head > rows_ahead) {
    __builtin_prefetch(&graph.targets[graph.offsets[head[rows_ahead]]]);
  }
}

// Kahn's queue: counts nodes down, and appends those that wait for nothing more.
template <bool Prefetch>
class ready_queue {
 public:
  explicit ready_queue(const level_sort_input& graph)
      : pending_(graph.pending), tail_(graph.order + graph.roots) {}

  [[nodiscard]] node_id* tail() const { return tail_; }
  [[nodiscard]] bool duplicate() const { return duplicate_; }

  // Nodes of one row or several; a node that starts a row is marked.
  void release(const node_id* first, const node_id* last) {
    if constexpr (Prefetch) {
      for (const node_id* at = first; at != last; ++at) {
        __builtin_prefetch(&pending_[*at & ~row_mark], 1);
      }
    }
    node_id* tail = tail_;
    node_id before = before_;
    bool duplicate = false;
    for (const node_id* at = first; at != last; ++at) {
      // Rows ascend, so a duplicate stands beside its twin.
      duplicate |= *at == before;
      const node_id node = *at & ~row_mark;
      before = node;
      const std::uint32_t left = pending_[node] - 1;
      pending_[node] = left;
      *tail = node;
      tail += left == 0 ? 1 : 0;
    }
    tail_ = tail;
    before_ = before;
    duplicate_ |= duplicate;
  }

  void start_row() { before_ = no_node; }

 private:
  std::uint32_t* pending_;
  node_id* tail_;
  node_id before_ = no_node;
  bool duplicate_ = false;
};

template <bool Prefetch>
[[gnu::noinline]] level_sort_output sort(const level_sort_input& graph) {
  ready_queue<Prefetch> queue(graph);
  std::array<node_id, batch + row_overread> rows;
  node_id* fill = rows.data();
  const auto flush = [&] {
    queue.release(rows.data(), fill);
    fill = rows.data();
  };
  std::uint32_t* level_start = graph.level_starts;
  *level_start = 0;
  const node_id* head = graph.order;
  while (head != queue.tail()) {
    for (const node_id* const level_end = queue.tail(); head != level_end; ++head) {
      if constexpr (Prefetch) {
        prefetch_ahead(graph, head, queue.tail());
      }
      const node_id* const row = graph.targets + graph.offsets[*head];
      const std::uint32_t length = graph.offsets[*head + 1] - graph.offsets[*head];
      if (length > row_overread) [[unlikely]] {
        flush();
        queue.start_row();
        for (std::uint32_t at = 0; at < length; at += batch) {
          queue.release(row + at, row + std::min(at + batch, length));
        }
        continue;
      }
      // As many words for every row: where it ends is a guess that the processor would lose. The
      // next row is written over what was too much.
      std::memcpy(fill, row, row_overread * sizeof *row);
      *fill |= row_mark;
      fill += length;
      if (fill >= rows.data() + batch) {
        flush();
      }
    }
    flush();
    *++level_start = static_cast<std::uint32_t>(head - graph.order);
  }
  return {static_cast<std::uint32_t>(queue.tail() - graph.order),
          static_cast<std::uint32_t>(level_start - graph.level_starts), queue.duplicate()};
}

}  // namespace

level_sort_output level_sort(const level_sort_input& graph) {
  return graph.nodes < prefetch_from ? sort<false>(graph) : sort<true>(graph);
}

}  // namespace engine::dag::internal
