#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "subsystems/workflow/upstream_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::size_t batch_max = 64;

// The numbers of `asked`, by dependency.
std::vector<std::size_t> by_dependency(std::span<const dag::edge> asked) {
  std::vector<std::size_t> sorted(asked.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::sort(sorted.begin(), sorted.end(), [&](std::size_t left, std::size_t right) {
    return asked[left].dependency < asked[right].dependency;
  });
  return sorted;
}

// Gives each node, beside its own bits, those of all that is upstream of it.
void propagate(const dag::graph& graph, std::vector<std::uint64_t>& masks) {
  for (const dag::node_id node : graph.order()) {
    std::uint64_t mask = masks[node];
    for (const dag::node_id dependency : graph.dependencies(node)) {
      mask |= masks[dependency];
    }
    masks[node] = mask;
  }
}

}  // namespace

std::vector<bool> are_upstream(const dag::graph& graph, std::span<const dag::edge> asked) {
  std::vector<bool> answers(asked.size());
  const std::vector<std::size_t> sorted = by_dependency(asked);
  std::vector<std::uint64_t> masks;
  for (std::size_t at = 0; at < sorted.size();) {
    std::array<dag::node_id, batch_max> batch{};
    std::size_t size = 0;
    masks.assign(graph.size(), 0);
    for (std::size_t next = at; next < sorted.size(); ++next) {
      const dag::node_id dependency = asked[sorted[next]].dependency;
      if (masks[dependency] == 0 && size < batch_max) {
        masks[dependency] = std::uint64_t{1} << size;
        batch[size++] = dependency;
      } else if (masks[dependency] == 0) {
        break;
      }
    }
    propagate(graph, masks);
    for (std::size_t bit = 0; bit < size; ++bit) {
      for (; at < sorted.size() && asked[sorted[at]].dependency == batch[bit]; ++at) {
        const dag::node_id dependent = asked[sorted[at]].dependent;
        assert(dependent != batch[bit]);
        answers[sorted[at]] = (masks[dependent] >> bit & 1U) != 0;
      }
    }
  }
  return answers;
}

}  // namespace engine::workflow::internal
