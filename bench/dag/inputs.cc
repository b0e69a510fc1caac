#include "bench/dag/inputs.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "fixtures/random.h"

namespace headroom::dag_bench {
namespace {

std::vector<std::vector<node_id>> dependency_lists(std::size_t nodes, std::span<const edge> edges) {
  std::vector<std::vector<node_id>> lists(nodes);
  for (const edge& each : edges) {
    lists[each.dependent].push_back(each.dependency);
  }
  return lists;
}

}  // namespace

std::vector<std::uint32_t> reference_levels(std::size_t nodes, std::span<const edge> edges) {
  constexpr std::uint32_t unknown = ~std::uint32_t{0};
  const auto dependencies = dependency_lists(nodes, edges);
  std::vector<std::uint32_t> level_of(nodes, unknown);
  std::vector<node_id> stack;
  for (node_id root = 0; root < nodes; ++root) {
    stack.push_back(root);
    while (!stack.empty()) {
      const node_id node = stack.back();
      std::uint32_t level = 0;
      for (const node_id dependency : dependencies[node]) {
        if (level_of[dependency] == unknown) {
          stack.push_back(dependency);
        } else {
          level = std::max(level, level_of[dependency] + 1);
        }
      }
      if (stack.back() == node) {
        level_of[node] = level;
        stack.pop_back();
      }
    }
  }
  return level_of;
}

std::string check_order(std::span<const node_id> order, std::size_t nodes,
                        std::span<const edge> edges) {
  if (order.size() != nodes) {
    return fmt::format("{} nodes ordered instead of {}", order.size(), nodes);
  }
  constexpr std::uint32_t absent = ~std::uint32_t{0};
  std::vector<std::uint32_t> position(nodes, absent);
  for (std::uint32_t at = 0; at < nodes; ++at) {
    if (order[at] >= nodes || position[order[at]] != absent) {
      return fmt::format("node {} stands in the order twice, or does not exist", order[at]);
    }
    position[order[at]] = at;
  }
  for (const edge& each : edges) {
    if (position[each.dependency] >= position[each.dependent]) {
      return fmt::format("node {} stands before its dependency {}", each.dependent,
                         each.dependency);
    }
  }
  return {};
}

graph_input::graph_input(engine::fixtures::workflow made)
    : made_(std::move(made)), levels_(reference_levels(made_.tasks().size(), made_.edges())) {}

std::string graph_input::mismatch(const ordering& answer) const {
  const std::string wrong = check_order(answer.order, nodes(), edges());
  return wrong.empty() ? mismatch_levels(answer.level_of) : wrong;
}

std::string graph_input::mismatch(const std::vector<node_id>& completed) const {
  return check_order(completed, nodes(), edges());
}

std::string graph_input::mismatch_levels(std::span<const std::uint32_t> level_of) const {
  if (level_of.size() != levels_.size()) {
    return fmt::format("{} levels instead of {}", level_of.size(), levels_.size());
  }
  const auto [wrong, right] = std::mismatch(level_of.begin(), level_of.end(), levels_.begin());
  return wrong == level_of.end() ? std::string{}
                                 : fmt::format("node {} is on level {}, not {}",
                                               wrong - level_of.begin(), *right, *wrong);
}

corpus_input::corpus_input(std::vector<engine::fixtures::workflow> workflows) {
  graphs_.reserve(workflows.size());
  for (auto& each : workflows) {
    graphs_.emplace_back(std::move(each));
  }
}

double corpus_input::items() const {
  return std::accumulate(graphs_.begin(), graphs_.end(), 0.0,
                         [](double sum, const graph_input& each) { return sum + each.items(); });
}

std::string corpus_input::mismatch(const std::vector<ordering>& answers) const {
  if (answers.size() != graphs_.size()) {
    return fmt::format("{} graphs built instead of {}", answers.size(), graphs_.size());
  }
  for (std::size_t at = 0; at < graphs_.size(); ++at) {
    if (const std::string wrong = graphs_[at].mismatch(answers[at]); !wrong.empty()) {
      return fmt::format("graph {}: {}", at, wrong);
    }
  }
  return {};
}

std::string cycle_input::mismatch(const std::vector<node_id>& path) const {
  if (path.empty()) {
    return "no cycle found";
  }
  if (std::set<node_id>(path.begin(), path.end()).size() != path.size()) {
    return "the reported cycle meets a node twice";
  }
  for (std::size_t at = 0; at < path.size(); ++at) {
    const edge wanted{path[at], path[(at + 1) % path.size()]};
    if (wanted.dependent >= nodes() || wanted.dependency >= nodes()) {
      return "the reported cycle has a node that does not exist";
    }
    const std::span<const std::string_view> names = tasks()[wanted.dependent].depends_on;
    if (std::find(names.begin(), names.end(), tasks()[wanted.dependency].name) == names.end()) {
      return fmt::format("the reported cycle has {} -> {}, which is no edge", wanted.dependency,
                         wanted.dependent);
    }
  }
  return {};
}

insertion_input::insertion_input(engine::fixtures::workflow made, std::uint32_t insertions)
    : base_(std::move(made)) {
  engine::fixtures::random source(17);
  const auto by_edge = [](const edge& left, const edge& right) {
    return std::pair(left.dependency, left.dependent) <
           std::pair(right.dependency, right.dependent);
  };
  std::set<edge, decltype(by_edge)> present(base_.edges().begin(), base_.edges().end(), by_edge);
  while (insertions_.size() < insertions) {
    const edge candidate{source.below(base_.nodes()), source.below(base_.nodes())};
    if (base_.levels()[candidate.dependency] < base_.levels()[candidate.dependent] &&
        present.insert(candidate).second) {
      insertions_.push_back(candidate);
    }
  }
}

std::string insertion_input::mismatch(const progress& answer) const {
  if (answer.inserted == 0 || answer.inserted > insertions_.size()) {
    return fmt::format("{} edges inserted of {}", answer.inserted, insertions_.size());
  }
  std::vector<edge> edges(base_.edges().begin(), base_.edges().end());
  edges.insert(edges.end(), insertions_.begin(),
               insertions_.begin() + static_cast<std::ptrdiff_t>(answer.inserted));
  return check_order(answer.order, base_.nodes(), edges);
}

}  // namespace headroom::dag_bench
