#include <algorithm>

#include "subsystems/dag/row_batch_internal.h"
#include "subsystems/dag/transpose_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes rows and their ends outgrow the caches, and are asked for ahead of time.
constexpr std::uint32_t prefetch_from = 200'000;

// How many targets ahead.
constexpr std::size_t ahead = 32;

template <bool Prefetch>
[[gnu::noinline]] void place(const transpose_input& rows) {
  std::uint32_t* const ends = rows.ends;
  node_id* const transposed = rows.transposed;
  const node_id* targets = rows.targets;
  row_batch sources;
  const auto flush = [&] {
    if constexpr (Prefetch) {
      for (std::uint32_t at = 0; at < sources.size(); ++at) {
        __builtin_prefetch(&ends[targets[at]], 1);
      }
      for (std::uint32_t at = 0; at < sources.size(); ++at) {
        __builtin_prefetch(&transposed[ends[targets[at]]], 1);
      }
    }
    for (const node_id source : sources) {
      transposed[ends[*targets++]++] = source;
    }
    sources.clear();
  };
  for (node_id source = 0; source < rows.nodes; ++source) {
    std::uint32_t length = rows.offsets[source + 1] - rows.offsets[source];
    for (; length > row_batch::piece_max; length -= row_batch::piece_max) [[unlikely]] {
        sources.repeat(source, row_batch::piece_max);
        if (sources.full()) {
          flush();
        }
      }
    sources.repeat(source, length);
    if (sources.full()) {
      flush();
    }
  }
  flush();
}

}  // namespace

void count(std::uint32_t nodes, std::span<const node_id> targets, std::uint32_t* counts) {
  std::size_t at = 0;
  if (nodes >= prefetch_from) {
    for (; at + ahead < targets.size(); ++at) {
      __builtin_prefetch(&counts[targets[at + ahead]], 1);
      ++counts[targets[at]];
    }
  }
  for (; at < targets.size(); ++at) {
    ++counts[targets[at]];
  }
}

void transpose(const transpose_input& rows) {
  return rows.nodes < prefetch_from ? place<false>(rows) : place<true>(rows);
}

}  // namespace engine::dag::internal
