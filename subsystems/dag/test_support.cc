#include "subsystems/dag/test_support.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "subsystems/dag/builder.h"

namespace engine::dag::testing {

definition::definition(std::initializer_list<named> tasks)
    : definition(std::vector<named>(tasks)) {}

definition::definition(std::vector<named> tasks) : text_(std::move(tasks)) {
  for (const named& each : text_) {
    mentions_.emplace_back(each.depends_on.begin(), each.depends_on.end());
  }
  for (std::size_t at = 0; at < text_.size(); ++at) {
    tasks_.push_back({text_[at].name, mentions_[at]});
  }
}

definition::definition(const definition& other) : definition(other.text_) {}

dynamic_graph make_tasks(std::uint32_t count, std::span<const edge> edges) {
  dynamic_graph made;
  for (std::uint32_t added = 0; added < count; ++added) {
    made.add_task().value();
  }
  for (const edge& each : edges) {
    made.add_edge(each).value();
  }
  return made;
}

graph make_graph(std::uint32_t nodes, std::span<const edge> edges) {
  graph made;
  builder().build(nodes, edges, made).value();
  return made;
}

std::vector<edge> random_edges(fixtures::random& source, std::uint32_t nodes, double probability) {
  std::vector<node_id> order(nodes);
  std::iota(order.begin(), order.end(), 0U);
  source.shuffle(std::span(order));
  std::vector<edge> edges;
  for (std::uint32_t late = 1; late < nodes; ++late) {
    for (std::uint32_t early = 0; early < late; ++early) {
      if (source.unit() < probability) {
        edges.push_back({order[early], order[late]});
      }
    }
  }
  source.shuffle(std::span(edges));
  return edges;
}

std::string random_name(fixtures::random& source, std::size_t bytes) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz-0123456789";
  std::string name(bytes, ' ');
  for (char& each : name) {
    each = source.below(16) == 0 ? static_cast<char>(source.below(256))
                                 : letters[source.below(letters.size())];
  }
  return name;
}

std::vector<node_id> sorted(std::span<const node_id> ids) {
  std::vector<node_id> copy(ids.begin(), ids.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

std::vector<edge> edges_of(const graph& from) {
  std::vector<edge> edges;
  for (node_id node = 0; node < from.size(); ++node) {
    for (const node_id dependency : from.dependencies(node)) {
      edges.push_back({dependency, node});
    }
  }
  return edges;
}

std::vector<std::uint32_t> naive_levels(std::uint32_t nodes, std::span<const edge> edges) {
  std::vector<std::uint32_t> levels(nodes);
  for (bool changed = true; changed;) {
    changed = false;
    for (const edge& each : edges) {
      if (levels[each.dependent] <= levels[each.dependency]) {
        levels[each.dependent] = levels[each.dependency] + 1;
        changed = true;
      }
    }
  }
  return levels;
}

int naive_distance(std::uint32_t nodes, std::span<const edge> edges, node_id from, node_id to) {
  std::vector<std::vector<node_id>> dependents(nodes);
  for (const edge& each : edges) {
    dependents[each.dependency].push_back(each.dependent);
  }
  std::vector<int> distances(nodes, -1);
  std::vector<node_id> queue{from};
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const int reached = queue[head] == from ? 0 : distances[queue[head]];
    for (const node_id dependent : dependents[queue[head]]) {
      if (distances[dependent] < 0) {
        distances[dependent] = reached + 1;
        queue.push_back(dependent);
      }
    }
    if (distances[to] >= 0) {
      break;
    }
  }
  return distances[to];
}

namespace {

// The rows that `edges` describe: dependencies in their sequence, dependents ascending.
struct rows {
  rows(std::uint32_t nodes, std::span<const edge> edges) : dependencies(nodes), dependents(nodes) {
    for (const edge& each : edges) {
      dependencies[each.dependent].push_back(each.dependency);
      dependents[each.dependency].push_back(each.dependent);
    }
    for (auto& row : dependents) {
      std::sort(row.begin(), row.end());
    }
  }

  std::vector<std::vector<node_id>> dependencies;
  std::vector<std::vector<node_id>> dependents;
};

bool equal(std::span<const node_id> left, std::span<const node_id> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

// Whether the levels hold every node once, one edge behind the last of its dependencies.
std::string find_level_flaw(const graph& built, const rows& expected) {
  std::vector<std::uint32_t> level_of(built.size());
  std::vector<bool> seen(built.size());
  std::size_t in_levels = 0;
  for (std::uint32_t level = 0; level < built.level_count(); ++level) {
    for (const node_id node : built.level(level)) {
      if (node >= built.size() || seen[node] || built.order()[in_levels++] != node) {
        return fmt::format("level {}: node {} is out of place", level, node);
      }
      seen[node] = true;
      level_of[node] = level;
      std::uint32_t longest = 0;
      for (const node_id dependency : expected.dependencies[node]) {
        if (!seen[dependency]) {
          return fmt::format("node {} stands before its dependency {}", node, dependency);
        }
        longest = std::max(longest, level_of[dependency] + 1);
      }
      if (longest != level) {
        return fmt::format("node {} is on level {}, not {}", node, level, longest);
      }
    }
  }
  return in_levels == built.size() ? "" : "nodes are missing from the levels";
}

}  // namespace

std::string find_flaw(const graph& built, std::uint32_t nodes, std::span<const edge> edges) {
  if (built.size() != nodes || built.edge_count() != edges.size()) {
    return fmt::format("{} nodes, {} edges", built.size(), built.edge_count());
  }
  const rows expected(nodes, edges);
  for (node_id node = 0; node < nodes; ++node) {
    if (!equal(built.dependencies(node), expected.dependencies[node]) ||
        !equal(built.dependents(node), expected.dependents[node])) {
      return fmt::format("rows of node {}", node);
    }
  }
  return find_level_flaw(built, expected);
}

std::string find_cycle_flaw(std::span<const node_id> path, std::span<const edge> edges) {
  if (path.empty()) {
    return "no path";
  }
  for (std::size_t at = 0; at < path.size(); ++at) {
    const edge step{path[at], path[(at + 1) % path.size()]};
    if (std::find(edges.begin(), edges.end(), step) == edges.end()) {
      return fmt::format("{} is no dependency of {} in [{}]", step.dependency, step.dependent,
                         fmt::join(path, " "));
    }
    if (std::count(path.begin(), path.end(), path[at]) != 1) {
      return fmt::format("{} is there twice in [{}]", path[at], fmt::join(path, " "));
    }
  }
  return "";
}

}  // namespace engine::dag::testing
