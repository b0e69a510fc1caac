// The chain of tasks that decides how long a workflow takes, however many workers it has.
//
// Thread-safe: reads an immutable graph and writes to the caller's memory.
#pragma once

#include <span>
#include <vector>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag {

struct critical_path {
  /// The sum of the durations of `tasks`, in their unit.
  double length = 0;
  /// A chain that takes longest, each task a dependency of the next, the first without any.
  std::vector<node_id> tasks;
};

/// The longest chain, where durations[node] is how long each task takes. Of equally long chains it
/// is the one whose last task has the smallest id, then the last but one, and so on; so it is the
/// same each time. No tasks if the graph is empty. O(nodes + edges); allocates 8 bytes a node.
/// Fails with wrong_size if there is not one duration a node, and with bad_duration if one is
/// negative, infinite or not a number.
[[nodiscard]] result<critical_path> find_critical_path(const graph& tasks,
                                                       std::span<const double> durations);

/// Sets starts[node] to the earliest moment at which all dependencies of `node` can be done, 0 for
/// a task without any, and returns when the last task can be done. O(nodes + edges), allocates
/// nothing. Fails like find_critical_path; `starts` is then unchanged.
[[nodiscard]] result<double> find_earliest_starts(const graph& tasks,
                                                  std::span<const double> durations,
                                                  std::span<double> starts);

}  // namespace engine::dag
