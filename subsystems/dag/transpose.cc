#include "subsystems/dag/transpose_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes counts and rows outgrow the caches, and are asked for ahead of time: first
// a row's end, then the row.
constexpr std::uint32_t transpose_prefetch_from = 200'000;
constexpr std::size_t edges_ahead = 16;

// The edges are those of `at`(i): what it leads to and where it comes from.
template <class At>
[[gnu::always_inline]] inline void place(std::size_t count, At at, const transposed_rows& out) {
  std::uint32_t* const ends = out.ends;
  node_id* const targets = out.targets;
  std::size_t index = 0;
  if (out.nodes >= transpose_prefetch_from) {
    for (; index + 2 * edges_ahead < count; ++index) {
      __builtin_prefetch(&ends[at(index + 2 * edges_ahead).dependency], 1);
      __builtin_prefetch(&targets[ends[at(index + edges_ahead).dependency]], 1);
      const edge placed = at(index);
      targets[ends[placed.dependency]++] = placed.dependent;
    }
  }
  for (; index < count; ++index) {
    const edge placed = at(index);
    targets[ends[placed.dependency]++] = placed.dependent;
  }
}

}  // namespace

void count(std::uint32_t nodes, std::span<const node_id> targets, std::uint32_t* counts) {
  std::size_t at = 0;
  if (nodes >= transpose_prefetch_from) {
    for (; at + edges_ahead < targets.size(); ++at) {
      __builtin_prefetch(&counts[targets[at + edges_ahead]], 1);
      ++counts[targets[at]];
    }
  }
#pragma GCC unroll 4
  for (; at < targets.size(); ++at) {
    ++counts[targets[at]];
  }
}

void transpose(std::span<const edge> edges, const transposed_rows& out) {
  place(
      edges.size(), [edges](std::size_t index) { return edges[index]; }, out);
}

void transpose(std::span<const node_id> targets, const node_id* sources,
               const transposed_rows& out) {
  place(
      targets.size(),
      [targets, sources](std::size_t index) {
        return edge{targets[index], sources[index]};
      },
      out);
}

}  // namespace engine::dag::internal
