// Topological order by levels: Kahn's algorithm (1962) run wave by wave, where the order being
// written is itself the queue of ready nodes.
#pragma once

#include <cstdint>

#include "subsystems/dag/error.h"

namespace engine::dag::internal {

/// Words that are taken together of a row that is not longer.
inline constexpr std::uint32_t row_words = 8;
/// Words behind the start of a row that are read, whatever its length.
inline constexpr std::uint32_t row_overread = row_words + 1;

/// What sorting reads and writes of a node, side by side: when the last dependency is counted off,
/// the row is read soon.
struct sorted_node {
  std::uint32_t pending;  ///< dependencies that are not sorted yet
  std::uint32_t row;      ///< where its dependents start in the targets
};

struct level_sort_input {
  std::uint32_t nodes;
  sorted_node* state;           ///< [nodes + 1] the last has only a row, where those of all end
  const node_id* targets;       ///< dependents, [edges]; row_overread words can be read at each row
  node_id* order;               ///< [nodes] starts with the nodes that have no dependencies
  std::uint32_t* level_starts;  ///< [nodes + 1]
  std::uint32_t roots;          ///< how many those are
};

struct level_sort_output {
  std::uint32_t sorted;  ///< nodes in `order`; fewer than all if there is a cycle
  std::uint32_t levels;  ///< level_starts[0, levels] are written
  bool duplicate;        ///< a dependency was seen twice in a row of dependents
};

/// O(nodes + edges), allocates nothing.
level_sort_output level_sort(const level_sort_input& graph);

}  // namespace engine::dag::internal
