#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "subsystems/dag/known_by_heart_internal.h"
#include "subsystems/dag/level_sort_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes the counters outgrow the caches, and lines are asked for ahead of time:
// the row's ends, then the row, then the counters of its nodes.
constexpr std::uint32_t prefetch_from = 200'000;
constexpr std::ptrdiff_t rows_ahead = 8;

// Where rows end is a guess that the processor loses unless it knows the graph by heart, so the
// rows of a level of at least this many nodes are gathered first.
constexpr std::ptrdiff_t wide_level = 16;

// Nodes of many short rows that one loop takes together.
constexpr std::uint32_t batch = 256;

using four_words [[gnu::vector_size(16)]] = std::uint32_t;

inline four_words load(const std::uint32_t* from) {
  four_words words;
  std::memcpy(&words, from, sizeof words);
  return words;
}

// has_neighbour + row_words - length: which words of a row have another behind them in the row.
constexpr auto has_neighbour = [] {
  std::array<std::uint32_t, std::size_t{2} * row_words> mask{};
  std::fill_n(mask.begin(), row_words - 1, ~std::uint32_t{0});
  return mask;
}();

// Inlined by force: gcc takes a function that only prefetches for one without effect and drops the
// call.
[[gnu::always_inline]] inline void prefetch_ahead(const level_sort_input& graph,
                                                  const node_id* head, const node_id* tail) {
  if (tail - head > 2 * rows_ahead) {
    __builtin_prefetch(&graph.state[head[2 * rows_ahead]]);
  }
  if (tail - head > rows_ahead) {
    const node_id* const row = graph.targets + graph.state[head[rows_ahead]].row;
    __builtin_prefetch(row);
    __builtin_prefetch(row + row_words);
  }
}

// Counts a node down and appends it at `tail` if it waits for nothing more; returns the new tail.
[[gnu::always_inline]] inline node_id* release(node_id node, sorted_node* state, node_id* tail) {
  const std::uint32_t left = state[node].pending - 1;
  state[node].pending = left;
  *tail = node;
  return tail + (left == 0 ? 1 : 0);
}

[[gnu::always_inline]] inline node_id* release(const node_id* first, const node_id* last,
                                               sorted_node* state, node_id* tail) {
  for (const node_id* at = first; at != last; ++at) {
    tail = release(*at, state, tail);
  }
  return tail;
}

// The rows of one level.
struct progress {
  node_id* tail;
  bool duplicate;  // a node stands twice in a row; rows ascend, so it stands beside itself
};

progress release_directly(const level_sort_input& graph, const node_id* head, progress at) {
  sorted_node* const state = graph.state;
  const auto count_off = [state, &at](node_id node) {
    if (--state[node].pending == 0) {
      *at.tail++ = node;
    }
  };
  for (const node_id* const level_end = at.tail; head != level_end; ++head) {
    const node_id* const row = graph.targets + state[*head].row;
    const node_id* const row_end = graph.targets + state[*head + 1].row;
    if (row == row_end) {
      continue;
    }
    count_off(*row);
    for (const node_id* each = row + 1; each != row_end; ++each) {
      at.duplicate |= each[0] == each[-1];
      count_off(*each);
    }
  }
  return at;
}

template <bool Prefetch>
[[gnu::noinline]] progress release_gathered(const level_sort_input& graph, const node_id* head,
                                            progress at) {
  std::array<node_id, batch + row_words> rows;
  node_id* fill = rows.data();
  four_words duplicates{};
  sorted_node* const state = graph.state;
  const node_id* const targets = graph.targets;
  node_id* tail = at.tail;
  const auto flush = [&] {
    if constexpr (Prefetch) {
      for (const node_id* each = rows.data(); each != fill; ++each) {
        __builtin_prefetch(&state[*each], 1);
      }
    }
    tail = release(rows.data(), fill, state, tail);
    fill = rows.data();
  };
  for (const node_id* const level_end = at.tail; head != level_end; ++head) {
    if constexpr (Prefetch) {
      prefetch_ahead(graph, head, tail);
    }
    const node_id* const row = targets + state[*head].row;
    const std::uint32_t length = state[*head + 1].row - state[*head].row;
    if (length > row_words) [[unlikely]] {
      flush();
      at.duplicate |= std::adjacent_find(row, row + length) != row + length;
      tail = release(row, row + length, state, tail);
      continue;
    }
    // As many words for every row; the next row is written over what was too much.
    const std::uint32_t* const mask = has_neighbour.data() + row_words - length;
    for (std::uint32_t word = 0; word < row_words; word += 4) {
      const four_words words = load(row + word);
      std::memcpy(fill + word, &words, sizeof words);
      duplicates |= (words == load(row + word + 1)) & load(mask + word);
    }
    fill += length;
    if (fill >= rows.data() + batch) {
      flush();
    }
  }
  flush();
  return {tail,
          at.duplicate || (duplicates[0] | duplicates[1] | duplicates[2] | duplicates[3]) != 0};
}

}  // namespace

level_sort_output level_sort(const level_sort_input& graph) {
  const std::ptrdiff_t wide =
      graph.nodes < nodes_known_by_heart ? nodes_known_by_heart : wide_level;
  progress at{graph.order + graph.roots, false};
  std::uint32_t* level_start = graph.level_starts;
  *level_start = 0;
  for (const node_id* head = graph.order; head != at.tail;) {
    const node_id* const level_end = at.tail;
    if (level_end - head < wide) {
      at = release_directly(graph, head, at);
    } else if (graph.nodes < prefetch_from) {
      at = release_gathered<false>(graph, head, at);
    } else {
      at = release_gathered<true>(graph, head, at);
    }
    head = level_end;
    *++level_start = static_cast<std::uint32_t>(head - graph.order);
  }
  return {static_cast<std::uint32_t>(at.tail - graph.order),
          static_cast<std::uint32_t>(level_start - graph.level_starts), at.duplicate};
}

}  // namespace engine::dag::internal
