#include <algorithm>

#include "subsystems/dag/two_way_search_internal.h"

namespace engine::dag::internal {

search_outcome two_way_search::find(edge wanted, ordered_nodes& nodes, const row_pool& rows) {
  const context within{nodes, rows, nodes[wanted.dependent].label, nodes[wanted.dependency].label};
  renew_marks(nodes);
  begin(forward_, wanted.dependent, within);
  begin(backward_, wanted.dependency, within);
  for (;;) {
    step last = advance(backward_, forward_, within);
    if (last == step::exhausted) {
      sort_moved(backward_);
      return search_outcome::move_dependencies;
    }
    if (last == step::searching) {
      last = advance(forward_, backward_, within);
    }
    if (last == step::exhausted) {
      sort_moved(forward_);
      return search_outcome::move_dependents;
    }
    if (last == step::met) {
      join_path();
      return search_outcome::cycle;
    }
  }
}

// Two marks for each search tell its directions apart from each other and from all searches before.
void two_way_search::renew_marks(ordered_nodes& nodes) {
  if (last_mark_ >= none - 2) {
    for (node_record& each : nodes.records()) {
      each.mark = 0;
    }
    last_mark_ = 0;
  }
  forward_.mark = ++last_mark_;
  backward_.mark = ++last_mark_;
}

void two_way_search::begin(traversal& own, node_id start, const context& within) {
  node_record& node = within.nodes[start];
  node.mark = own.mark;
  own.visits.clear();
  own.visits.push_back({node.label, start, 0});
  own.current = 0;
  own.unused = within.rows.view(node.rows, own.direction);
}

// Follows one edge. Tasks beyond the one where the other direction began cannot be on a way to it.
two_way_search::step two_way_search::advance(traversal& own, const traversal& other,
                                             const context& within) {
  while (own.unused.empty()) {
    if (own.current + 1 == own.visits.size()) {
      return step::exhausted;
    }
    ++own.current;
    own.unused = within.rows.view(within.nodes[own.visits[own.current].node].rows, own.direction);
  }
  const node_id reached = own.unused.front();
  own.unused = own.unused.subspan(1);
  node_record& node = within.nodes[reached];
  if (node.label < within.label_min || node.label > within.label_max || node.mark == own.mark) {
    return step::searching;
  }
  const auto from = static_cast<std::uint32_t>(own.current);
  own.visits.push_back({node.label, reached, from});
  if (node.mark == other.mark) {
    met_ = reached;
    return step::met;
  }
  node.mark = own.mark;
  return step::searching;
}

void two_way_search::sort_moved(traversal& exhausted) {
  std::sort(exhausted.visits.begin(), exhausted.visits.end(),
            [](const visit& left, const visit& right) { return left.label < right.label; });
  tasks_.resize(exhausted.visits.size());
  std::transform(exhausted.visits.begin(), exhausted.visits.end(), tasks_.begin(),
                 [](const visit& each) { return each.node; });
}

// From where both met back to the start of the forward direction, then on to that of the other.
void two_way_search::join_path() {
  const auto walk_back = [this](const std::vector<visit>& visits) {
    const auto met = std::find_if(visits.begin(), visits.end(),
                                  [this](const visit& each) { return each.node == met_; });
    for (auto at = static_cast<std::size_t>(met - visits.begin()); at != 0;) {
      at = visits[at].from;
      tasks_.push_back(visits[at].node);
    }
  };
  tasks_.clear();
  walk_back(forward_.visits);
  std::reverse(tasks_.begin(), tasks_.end());
  tasks_.push_back(met_);
  walk_back(backward_.visits);
}

}  // namespace engine::dag::internal
