// From what each task depends on to what depends on it.
#pragma once

#include <cstdint>
#include <span>

#include "subsystems/dag/error.h"

namespace engine::dag::internal {

/// Adds to counts[i] how often i is among `targets`. `nodes`: how many counts there are.
void count(std::uint32_t nodes, std::span<const node_id> targets, std::uint32_t* counts);

struct transpose_input {
  std::uint32_t nodes;
  const std::uint32_t* offsets;  ///< [nodes + 1] of each node's row in `targets`
  const node_id* targets;        ///< [edges]
  std::uint32_t* ends;           ///< [nodes] starts of the transposed rows; becomes their ends
  node_id* transposed;           ///< [edges] filled; each row ascends
};

/// O(nodes + edges), allocates nothing.
void transpose(const transpose_input& rows);

}  // namespace engine::dag::internal
