// Which level each task is on, by task: the inverse of graph::level().
//
// Thread-safe: reads an immutable graph and writes to the caller's memory.
#pragma once

#include <cstdint>
#include <span>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag {

/// Sets level_of[node] to the number of edges in the longest chain of dependencies that ends in
/// `node`: 0 for a task without any. O(nodes), allocates nothing. Fails with wrong_size if
/// `level_of` does not have one element a node; it is then unchanged.
[[nodiscard]] result<void> assign_levels(const graph& tasks, std::span<std::uint32_t> level_of);

}  // namespace engine::dag
