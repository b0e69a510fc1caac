#include "subsystems/dag/transpose_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many nodes counts and rows outgrow the caches, and are asked for ahead of time: first
// a row's end, then the row.
constexpr std::uint32_t prefetch_from = 200'000;
constexpr std::size_t ahead = 16;

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

void transpose(const transpose_input& edges) {
  const node_id* const targets = edges.targets;
  const node_id* const sources = edges.sources;
  std::uint32_t* const ends = edges.ends;
  node_id* const transposed = edges.transposed;
  const std::size_t count = edges.edges;
  std::size_t at = 0;
  if (edges.nodes >= prefetch_from) {
    for (; at + 2 * ahead < count; ++at) {
      __builtin_prefetch(&ends[targets[at + 2 * ahead]], 1);
      __builtin_prefetch(&transposed[ends[targets[at + ahead]]], 1);
      transposed[ends[targets[at]]++] = sources[at];
    }
  }
  for (; at < count; ++at) {
    transposed[ends[targets[at]]++] = sources[at];
  }
}

}  // namespace engine::dag::internal
