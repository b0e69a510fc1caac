// Which tasks end before others start.
#pragma once

#include <span>
#include <vector>

#include "subsystems/dag/graph.h"

namespace engine::workflow::internal {

/// For each of `asked`, whether its dependent depends on its dependency, directly or not. Looks at
/// the graph once for every 64 different dependencies: O(asked * log(asked) + (nodes + edges) *
/// (dependencies / 64 + 1)) time, 8 bytes a node.
/// REQUIRES: the ids are below size(), and no task is asked about itself.
[[nodiscard]] std::vector<bool> are_upstream(const dag::graph& graph,
                                             std::span<const dag::edge> asked);

}  // namespace engine::workflow::internal
