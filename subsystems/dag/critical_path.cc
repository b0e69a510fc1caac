#include "subsystems/dag/critical_path.h"

#include <algorithm>
#include <limits>

namespace engine::dag {
namespace {

bool is_duration(double value) {
  return value >= 0.0 && value <= std::numeric_limits<double>::max();
}

}  // namespace

result<double> find_earliest_starts(const graph& tasks, std::span<const double> durations,
                                    std::span<double> starts) {
  if (durations.size() != tasks.size() || starts.size() != tasks.size()) {
    return errc::wrong_size;
  }
  if (!std::all_of(durations.begin(), durations.end(), is_duration)) {
    return errc::bad_duration;
  }
  double length = 0;
  for (const node_id node : tasks.order()) {
    double start = 0;
    for (const node_id dependency : tasks.dependencies(node)) {
      start = std::max(start, starts[dependency] + durations[dependency]);
    }
    starts[node] = start;
    length = std::max(length, start + durations[node]);
  }
  return length;
}

result<critical_path> find_critical_path(const graph& tasks, std::span<const double> durations) {
  std::vector<double> starts(tasks.size());
  const result<double> length = find_earliest_starts(tasks, durations, starts);
  if (!length) {
    return length.error();
  }
  critical_path longest{*length, {}};
  if (tasks.size() == 0) {
    return longest;
  }
  const auto ends_at = [&](double moment) {
    return [&, moment](node_id node) { return starts[node] + durations[node] == moment; };
  };
  node_id node = 0;
  while (!ends_at(longest.length)(node)) {
    ++node;
  }
  longest.tasks.push_back(node);
  // What decided a task's start is the dependency whose end is, to the bit, that start.
  for (auto row = tasks.dependencies(node); !row.empty(); row = tasks.dependencies(node)) {
    const auto decided = ends_at(starts[node]);
    node = ~node_id{0};
    for (const node_id dependency : row) {
      node = decided(dependency) ? std::min(node, dependency) : node;
    }
    longest.tasks.push_back(node);
  }
  std::reverse(longest.tasks.begin(), longest.tasks.end());
  return longest;
}

}  // namespace engine::dag
