// Whether an edge against the maintained order closes a cycle and, if not, which tasks to move.
//
// The balanced search of Bender, Fineman, Gilbert and Tarjan (2016) and of Haeupler, Kavitha,
// Mathew, Sen and Tarjan (2012), within the bounds of Pearce and Kelly (2006): forward from the
// dependent, through tasks before the dependency; backward from the dependency, through tasks
// behind the dependent; one edge of each in turn. When either side has no edge left, its tasks
// alone have to move. So an edge costs what the cheaper side costs: a task new at the end of the
// order becomes the dependency of an early one in O(1), however much lies between.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "subsystems/dag/graph.h"
#include "subsystems/dag/ordered_nodes_internal.h"
#include "subsystems/dag/row_pool_internal.h"

namespace engine::dag::internal {

enum class search_outcome : std::uint8_t {
  move_dependencies,  ///< moved() belong just before the dependent
  move_dependents,    ///< moved() belong just behind the dependency
  cycle,              ///< path() leads from the dependent to the dependency
};

/// Its memory is reused. A search changes nothing but the marks of the nodes.
class two_way_search {
 public:
  /// Marks are numbers above `last_mark`; a test that starts near the largest sees them start anew.
  explicit two_way_search(std::uint32_t last_mark = 0) : last_mark_(last_mark) {}

  /// REQUIRES: the dependent comes before the dependency.
  search_outcome find(edge wanted, ordered_nodes& nodes, const row_pool& rows);

  /// The tasks to move, in their present order; valid until the next find().
  [[nodiscard]] std::span<const node_id> moved() const { return tasks_; }
  /// Each a dependency of the next; valid until the next find().
  [[nodiscard]] std::span<const node_id> path() const { return tasks_; }

 private:
  struct visit {
    std::uint64_t label;
    node_id node;
    std::uint32_t from;  // the visit that led here
  };
  struct traversal {
    side direction;
    std::uint32_t mark = 0;
    std::vector<visit> visits{};        // in the order of coming, so also the queue
    std::size_t current = 0;            // the visit whose edges are being followed
    std::span<const node_id> unused{};  // those of them that are still to follow
  };
  struct context {
    ordered_nodes& nodes;
    const row_pool& rows;
    std::uint64_t label_min;
    std::uint64_t label_max;
  };
  enum class step : std::uint8_t { searching, exhausted, met };

  static void begin(traversal& own, node_id start, const context& within);
  step advance(traversal& own, const traversal& other, const context& within);
  void renew_marks(ordered_nodes& nodes);
  void sort_moved(traversal& exhausted);
  void join_path();

  traversal forward_{side::downstream};
  traversal backward_{side::upstream};
  node_id met_ = none;  // a task that both came to
  std::uint32_t last_mark_;
  std::vector<node_id> tasks_;
};

}  // namespace engine::dag::internal
