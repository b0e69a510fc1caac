#include <algorithm>

#include "subsystems/dag/level_sort_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes the counters outgrow the caches, and lines are asked for ahead of time:
// the row's ends, then the row, then the counters of its first nodes.
constexpr std::uint32_t prefetch_from = 200'000;
constexpr std::ptrdiff_t rows_ahead = 4;

// Inlined by force: gcc takes a function that only prefetches for one without effect and drops the
// call.
[[gnu::always_inline]] inline void prefetch_ahead(const level_sort_input& graph,
                                                  const node_id* head, const node_id* tail) {
  if (tail - head > 4 * rows_ahead) {
    __builtin_prefetch(&graph.offsets[head[4 * rows_ahead]]);
  }
  if (tail - head > 2 * rows_ahead) {
    __builtin_prefetch(&graph.targets[graph.offsets[head[2 * rows_ahead]]]);
  }
  if (tail - head > rows_ahead) {
    const node_id node = head[rows_ahead];
    const std::uint32_t first = graph.offsets[node];
    const std::uint32_t last = std::min(graph.offsets[node + 1], first + 4);
    for (std::uint32_t at = first; at < last; ++at) {
      __builtin_prefetch(&graph.pending[graph.targets[at]], 1);
    }
  }
}

template <bool Prefetch>
[[gnu::noinline]] level_sort_output sort(const level_sort_input& graph) {
  const std::uint32_t* const offsets = graph.offsets;
  const node_id* const targets = graph.targets;
  std::uint32_t* const pending = graph.pending;
  node_id* const order = graph.order;
  std::uint32_t* level_start = graph.level_starts;
  std::size_t tail = graph.roots;
  bool duplicate = false;
  *level_start = 0;
  const node_id* head = order;
  while (head != order + tail) {
    for (const node_id* const level_end = order + tail; head != level_end; ++head) {
      if constexpr (Prefetch) {
        prefetch_ahead(graph, head, order + tail);
      }
      const node_id* at = targets + offsets[*head];
      const node_id* const row_end = targets + offsets[*head + 1];
      while (at != row_end) {
        const node_id dependent = *at++;
        // Rows ascend, so a duplicate stands beside its twin.
        if (dependent == *at) [[unlikely]] {
          duplicate |= at != row_end;
        }
        const std::uint32_t left = pending[dependent] - 1;
        pending[dependent] = left;
        order[tail] = dependent;
        tail += left == 0 ? 1 : 0;
      }
    }
    *++level_start = static_cast<std::uint32_t>(head - order);
  }
  return {static_cast<std::uint32_t>(tail),
          static_cast<std::uint32_t>(level_start - graph.level_starts), duplicate};
}

}  // namespace

level_sort_output level_sort(const level_sort_input& graph) {
  return graph.nodes < prefetch_from ? sort<false>(graph) : sort<true>(graph);
}

}  // namespace engine::dag::internal
