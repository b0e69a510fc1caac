// From what each task depends on to what depends on it: a counting sort of the edges.
#pragma once

#include <cstdint>
#include <span>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag::internal {

/// Adds to counts[i] how often i is among `targets`. `nodes`: how many counts there are.
void count(std::uint32_t nodes, std::span<const node_id> targets, std::uint32_t* counts);

struct transposed_rows {
  std::uint32_t nodes;
  std::uint32_t* ends;  ///< [nodes] starts of the rows; becomes their ends
  node_id* targets;     ///< [edges] filled; each row ascends
};

/// Edges in the order of their dependents. O(edges), allocates nothing.
void transpose(std::span<const edge> edges, const transposed_rows& out);
/// The same from what each edge leads to and where it comes from.
void transpose(std::span<const node_id> targets, const node_id* sources,
               const transposed_rows& out);

}  // namespace engine::dag::internal
