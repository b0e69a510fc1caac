// From what each task depends on to what depends on it: a counting sort of the edges.
#pragma once

#include <cstdint>
#include <span>

#include "subsystems/dag/error.h"

namespace engine::dag::internal {

/// Adds to counts[i] how often i is among `targets`. `nodes`: how many counts there are.
void count(std::uint32_t nodes, std::span<const node_id> targets, std::uint32_t* counts);

struct transpose_input {
  std::uint32_t nodes;
  std::uint32_t edges;
  const node_id* targets;  ///< [edges] what each edge leads to
  const node_id* sources;  ///< [edges] where it comes from, ascending
  std::uint32_t* ends;     ///< [nodes] starts of the transposed rows; becomes their ends
  node_id* transposed;     ///< [edges] filled; each row ascends
};

/// O(nodes + edges), allocates nothing.
void transpose(const transpose_input& rows);

}  // namespace engine::dag::internal
