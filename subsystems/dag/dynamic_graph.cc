#include "subsystems/dag/dynamic_graph.h"

#include <stdexcept>

namespace engine::dag {

using internal::search_outcome;

dynamic_graph::dynamic_graph(const options& limits)
    : nodes_max_(limits.nodes_max), edges_max_(limits.edges_max) {
  if (nodes_max_ > 0x7fffffff || edges_max_ > 0xfffffffe) {
    throw std::invalid_argument("dag: a limit is out of range");
  }
}

dynamic_graph::dynamic_graph(const graph& from, const options& limits) : dynamic_graph(limits) {
  if (from.size() > nodes_max_ || from.edge_count() > edges_max_) {
    throw std::invalid_argument("dag: the graph is beyond the limits");
  }
  if (from.size() == 0) {
    return;
  }
  nodes_.assign(from.order());
  edges_ = from.edge_count();
  for (node_id node = 0; node < from.size(); ++node) {
    rows_.assign(nodes_[node].rows, from.dependents(node), from.dependencies(node));
  }
}

result<node_id> dynamic_graph::add_task() {
  if (size() >= nodes_max_) {
    return errc::too_many_nodes;
  }
  return nodes_.add();
}

// Looks in the shorter of the rows that would hold it.
bool dynamic_graph::has_edge(edge wanted) const {
  const internal::row_pair& dependency = nodes_[wanted.dependency].rows;
  const internal::row_pair& dependent = nodes_[wanted.dependent].rows;
  return rows_.size(dependent, side::upstream) <= rows_.size(dependency, side::downstream)
             ? rows_.contains(dependent, side::upstream, wanted.dependency)
             : rows_.contains(dependency, side::downstream, wanted.dependent);
}

result<void> dynamic_graph::add_unusual_edge(edge added) {
  if (!contains(added.dependency) || !contains(added.dependent)) {
    return errc::unknown_node;
  }
  if (added.dependency == added.dependent) {
    return errc::self_dependency;
  }
  if (has_edge(added)) {
    return errc::duplicate_dependency;
  }
  if (edges_ >= edges_max_) {
    return errc::too_many_edges;
  }
  if (precedes(added.dependency, added.dependent)) {
    insert(added);
    return {};
  }
  // The moves come last, because they cannot fail.
  switch (search_.find(added, nodes_, rows_)) {
    case search_outcome::cycle:
      return errc::cycle;
    case search_outcome::move_dependencies:
      insert(added);
      nodes_.move_before(search_.moved(), added.dependent);
      break;
    case search_outcome::move_dependents:
      insert(added);
      nodes_.move_behind(search_.moved(), added.dependency);
      break;
  }
  return {};
}

// Reserves in both rows before it changes either, so that running out of memory changes nothing.
void dynamic_graph::insert(edge added) {
  internal::row_pair& dependency = nodes_[added.dependency].rows;
  internal::row_pair& dependent = nodes_[added.dependent].rows;
  rows_.reserve_one(dependency, side::downstream);
  rows_.reserve_one(dependent, side::upstream);
  rows_.push(dependency, side::downstream, added.dependent);
  rows_.push(dependent, side::upstream, added.dependency);
  ++edges_;
}

result<void> dynamic_graph::remove_edge(edge removed) {
  if (!contains(removed.dependency) || !contains(removed.dependent)) {
    return errc::unknown_node;
  }
  if (!has_edge(removed)) {
    return errc::unknown_edge;
  }
  rows_.erase(nodes_[removed.dependent].rows, side::upstream, removed.dependency);
  rows_.erase(nodes_[removed.dependency].rows, side::downstream, removed.dependent);
  --edges_;
  return {};
}

result<void> dynamic_graph::remove_task(node_id node) {
  if (!contains(node)) {
    return errc::unknown_node;
  }
  for (const node_id dependency : dependencies(node)) {
    rows_.erase(nodes_[dependency].rows, side::downstream, node);
    --edges_;
  }
  for (const node_id dependent : dependents(node)) {
    rows_.erase(nodes_[dependent].rows, side::upstream, node);
    --edges_;
  }
  rows_.clear(nodes_[node].rows);
  nodes_.remove(node);
  return {};
}

std::vector<node_id> dynamic_graph::order() const {
  std::vector<node_id> ids;
  ids.reserve(size());
  for (node_id node = nodes_.first(); node != internal::none; node = nodes_.after(node)) {
    ids.push_back(node);
  }
  return ids;
}

}  // namespace engine::dag
