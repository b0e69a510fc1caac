#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/dag/diagnosis_internal.h"
#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"

namespace engine::dag::internal {
namespace {

using support::in_quotes;

constexpr std::size_t cycle_names_max = 16;

class problem_list {
 public:
  explicit problem_list(const options& limits) : limits_(limits) {}

  [[nodiscard]] bool full() const { return found_.problems.size() == limits_.problems_max; }

  void add(errc code, std::vector<node_id> tasks, std::string message) {
    if (full()) {
      found_.truncated = true;
    } else {
      found_.problems.push_back({code, std::move(tasks), std::move(message)});
    }
  }

  error take() { return std::move(found_); }

 private:
  const options& limits_;
  error found_;
};

// Names may be hostile here as well.
struct keyed_hash {
  std::size_t operator()(std::string_view name) const { return hash(name, *keys); }

  const hash_keys* keys;
};

class name_diagnosis {
 public:
  name_diagnosis(std::span<const task> tasks, const options& limits, const hash_keys& keys)
      : tasks_(tasks), limits_(limits), list_(limits), ids_(tasks.size(), keyed_hash{&keys}) {}

  error run() {
    for (node_id id = 0; id < tasks_.size(); ++id) {
      check_name(id);
    }
    for (node_id id = 0; id < tasks_.size(); ++id) {
      check_dependencies(id);
    }
    return list_.take();
  }

 private:
  void check_name(node_id id) {
    const std::string_view name = tasks_[id].name;
    if (name.empty()) {
      list_.add(errc::empty_name, {id}, fmt::format("task number {} has no name", id + 1));
    } else if (name.size() > limits_.name_bytes_max) {
      list_.add(errc::name_too_long, {id},
                fmt::format("the name of task {} is too long: {} bytes, the limit is {}",
                            in_quotes(name), name.size(), limits_.name_bytes_max));
    }
    const auto [first, fresh] = ids_.emplace(name, id);
    if (!fresh && !name.empty()) {
      list_.add(errc::duplicate_task, {id, first->second},
                fmt::format("two tasks are named {}, number {} and number {}", in_quotes(name),
                            first->second + 1, id + 1));
    }
  }

  void check_dependencies(node_id id) {
    const task& checked = tasks_[id];
    seen_.clear();
    for (const std::string_view name : checked.depends_on) {
      const auto found = ids_.find(name);
      if (found == ids_.end()) {
        list_.add(errc::unknown_dependency, {id}, unknown_dependency(checked.name, name));
      } else if (found->second == id) {
        list_.add(errc::self_dependency, {id, id},
                  fmt::format("task {} depends on itself", in_quotes(checked.name)));
      } else {
        seen_.push_back(found->second);
      }
    }
    std::sort(seen_.begin(), seen_.end());
    for (auto at = seen_.begin(); (at = std::adjacent_find(at, seen_.end())) != seen_.end();) {
      list_.add(errc::duplicate_dependency, {id, *at},
                fmt::format("task {} names the dependency {} twice", in_quotes(checked.name),
                            in_quotes(tasks_[*at].name)));
      at = std::find_if(at, seen_.end(), [twice = *at](node_id other) { return other != twice; });
    }
  }

  std::string unknown_dependency(std::string_view dependent, std::string_view name) {
    std::string message = fmt::format("task {} depends on {}, which is not a task",
                                      in_quotes(dependent), in_quotes(name));
    if (list_.full()) {
      return message;  // Counted only: a guess costs a look at every name.
    }
    if (names_.empty()) {
      names_.reserve(tasks_.size());
      std::transform(tasks_.begin(), tasks_.end(), std::back_inserter(names_),
                     [](const task& each) { return each.name; });
    }
    return message + support::did_you_mean(support::nearest_name(name, names_, guesses_));
  }

  std::span<const task> tasks_;
  const options& limits_;
  problem_list list_;
  std::unordered_map<std::string_view, node_id, keyed_hash> ids_;
  std::vector<std::string_view> names_;
  support::guess_budget guesses_;
  std::vector<node_id> seen_;
};

// In quotes only where the name could be taken for several.
void append_name(std::string& message, std::string_view name) {
  if (name.find(' ') == std::string_view::npos) {
    support::append_excerpt(message, name);
  } else {
    message += in_quotes(name);
  }
}

std::string describe_cycle(std::span<const node_id> path, std::span<const task> tasks) {
  constexpr std::size_t usual_name_bytes = 32;
  std::string message;
  message.reserve((std::min(path.size(), cycle_names_max) + 2) * usual_name_bytes);
  message = "cycle: ";
  const auto add = [&](node_id node) {
    if (tasks.empty()) {
      fmt::format_to(std::back_inserter(message), "#{}", node);
    } else {
      append_name(message, tasks[node].name);
    }
  };
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path.size() > cycle_names_max && at == cycle_names_max / 2) {
      const std::size_t skipped = path.size() - cycle_names_max;
      fmt::format_to(std::back_inserter(message), "… ({} more) -> ", skipped);
      at += skipped;
    }
    add(path[at]);
    message += " -> ";
  }
  add(path.front());
  message += " (each is a dependency of the next)";
  return message;
}

// What a search keeps of a node, in the word that said where its row starts.
constexpr std::uint32_t unseen = ~std::uint32_t{0};
constexpr std::uint32_t walked = unseen - 1;

// A node that is on a cycle: walking up unmet dependencies must come back to a node seen before.
node_id node_on_cycle(const residue& rest) {
  node_id node = 0;
  while (rest.state[node].pending == 0) {
    ++node;
  }
  while (rest.state[node].row != walked) {
    rest.state[node].row = walked;
    const node_id* at = rest.dependencies + rest.dependency_offsets[node];
    while (rest.state[*at].pending == 0) {
      ++at;
    }
    node = *at;
  }
  return node;
}

// Breadth first, so that the first way back is a shortest one. Leaves in `row` of each node on it
// the node before.
void search_back_to(node_id start, const residue& rest) {
  node_id* const queue = rest.order;
  std::size_t end = 0;
  queue[end++] = start;
  for (std::size_t head = 0;; ++head) {
    const node_id node = queue[head];
    const node_id* const row_end = rest.dependents + rest.dependent_offsets[node + 1];
    for (const node_id* at = rest.dependents + rest.dependent_offsets[node]; at != row_end; ++at) {
      sorted_node& reached = rest.state[*at];
      if (reached.row >= walked && reached.pending > 0) {
        reached.row = node;
        if (*at == start) {
          return;
        }
        queue[end++] = *at;
      }
    }
  }
}

}  // namespace

error diagnose(std::span<const task> tasks, const options& limits, const hash_keys& keys) {
  return name_diagnosis(tasks, limits, keys).run();
}

error diagnose(std::uint32_t nodes, std::span<const edge> edges, const options& limits) {
  problem_list list(limits);
  std::vector<edge> sorted(edges.begin(), edges.end());
  std::sort(sorted.begin(), sorted.end(), [](const edge& left, const edge& right) {
    return std::pair(left.dependent, left.dependency) <
           std::pair(right.dependent, right.dependency);
  });
  for (std::size_t at = 0; at < sorted.size(); ++at) {
    const auto [dependency, dependent] = sorted[at];
    if (dependency >= nodes || dependent >= nodes) {
      list.add(errc::unknown_node, {std::max(dependency, dependent)},
               fmt::format("edge {} -> {}: there are only {} tasks", dependency, dependent, nodes));
    } else if (dependency == dependent) {
      list.add(errc::self_dependency, {dependent, dependency},
               fmt::format("task #{} depends on itself", dependent));
    } else if (at > 0 && sorted[at - 1] == sorted[at] &&
               (at == 1 || sorted[at - 2] != sorted[at])) {
      list.add(errc::duplicate_dependency, {dependent, dependency},
               fmt::format("task #{} has the dependency #{} twice", dependent, dependency));
    }
  }
  return list.take();
}

error find_cycle(const residue& rest, std::span<const task> tasks) {
  for (node_id node = 0; node < rest.nodes; ++node) {
    rest.state[node].row = unseen;
  }
  const node_id start = node_on_cycle(rest);
  search_back_to(start, rest);
  std::size_t length = 1;
  for (node_id node = rest.state[start].row; node != start; node = rest.state[node].row) {
    ++length;
  }
  std::vector<node_id> path(length);
  for (node_id node = start; length > 0; node = rest.state[node].row) {
    path[--length] = rest.state[node].row;
  }
  std::string message = describe_cycle(path, tasks);
  return refuse({errc::cycle, std::move(path), std::move(message)});
}

error refuse(problem found) {
  error made;
  made.problems.push_back(std::move(found));
  return made;
}

}  // namespace engine::dag::internal
