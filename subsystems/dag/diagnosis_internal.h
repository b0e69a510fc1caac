// The slow, thorough second look at tasks that did not build: finds every problem and words it.
#pragma once

#include <span>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"
#include "subsystems/dag/level_sort_internal.h"
#include "subsystems/dag/name_table_internal.h"
#include "subsystems/dag/options.h"

namespace engine::dag::internal {

/// The problems of names and single dependencies. O(tasks + dependencies), and what one
/// support::guess_budget allows for the guesses at unknown dependencies. Empty if the tasks are
/// sound but for a cycle.
error diagnose(std::span<const task> tasks, const options& limits, const hash_keys& keys);

/// The same of edges by id.
error diagnose(std::uint32_t nodes, std::span<const edge> edges, const options& limits);

/// A graph that could not be sorted: the nodes with state[node].pending > 0 include every cycle.
struct residue {
  std::uint32_t nodes;
  const std::uint32_t* dependency_offsets;
  const node_id* dependencies;
  const std::uint32_t* dependent_offsets;
  const node_id* dependents;
  sorted_node* state;  ///< [nodes] the rows are overwritten
  node_id* order;      ///< [nodes] overwritten
};

/// A shortest cycle through a node that is on one. O(nodes + edges); allocates the error alone.
/// REQUIRES: there is a cycle.
error find_cycle(const residue& rest, std::span<const task> tasks);

/// One problem alone.
error refuse(problem found);

}  // namespace engine::dag::internal
