#include "subsystems/dag/run.h"

#include <algorithm>

namespace engine::dag {

void run::reset(const graph& tasks) {
  const std::uint32_t nodes = tasks.size();
  unmet_.reserve(nodes);
  blocked_.reserve(nodes);
  ring_.reserve(std::size_t{nodes} + 1);

  graph_ = &tasks;
  unmet_.resize(nodes);
  blocked_.assign(nodes, 0);
  ring_.resize(std::size_t{nodes} + 1);
  for (node_id node = 0; node < nodes; ++node) {
    unmet_[node] = static_cast<std::uint32_t>(tasks.dependencies(node).size());
  }
  head_ = 0;
  tail_ = 0;
  unfinished_ = nodes;
  if (nodes > 0) {
    const std::span<const node_id> roots = tasks.level(0);
    std::copy(roots.begin(), roots.end(), ring_.begin());
    tail_ = roots.size();
  }
}

errc run::misuse(node_id node) const {
  return node < unmet_.size() ? errc::wrong_state : errc::unknown_node;
}

// Counts off a dependency of each in `row`, where the free places may go on at the ring's start.
std::uint32_t run::release_across_the_end(std::span<const node_id> row) {
  std::uint32_t freed = 0;
  for (const node_id dependent : row) {
    if (--unmet_[dependent] == 0) {
      ring_[tail_] = dependent;
      tail_ = behind(tail_);
      ++freed;
    }
  }
  return freed;
}

// Walks downstream from `from` along every dependent that `changes`, and counts them. Each is
// reached once, and neither `from` nor they are ready, so the free places of the ring hold them.
template <class Changes>
std::uint32_t run::spread(node_id from, Changes changes) {
  std::uint32_t changed = 0;
  std::size_t end = tail_;
  const auto push = [&](node_id node) {
    ring_[end] = node;
    end = behind(end);
  };
  push(from);
  for (std::size_t at = tail_; at != end; at = behind(at)) {
    for (const node_id dependent : graph_->dependents(ring_[at])) {
      if (changes(dependent)) {
        push(dependent);
        ++changed;
      }
    }
  }
  return changed;
}

result<std::uint32_t> run::fail(node_id node) {
  if (node >= unmet_.size() || unmet_[node] != is_running) {
    return misuse(node);
  }
  unmet_[node] = is_failed;
  const std::uint32_t skipped =
      spread(node, [this](node_id dependent) { return blocked_[dependent]++ == 0; });
  unfinished_ -= 1 + skipped;
  return skipped;
}

result<void> run::retry(node_id node) {
  if (node >= unmet_.size() || (unmet_[node] != is_running && unmet_[node] != is_failed)) {
    return misuse(node);
  }
  if (unmet_[node] == is_failed) {
    unfinished_ +=
        1 + spread(node, [this](node_id dependent) { return --blocked_[dependent] == 0; });
  }
  unmet_[node] = is_ready;
  ring_[tail_] = node;
  tail_ = behind(tail_);
  return {};
}

std::optional<node_id> run::skip_reason(node_id node) const {
  if (state(node) != task_state::skipped) {
    return std::nullopt;
  }
  while (unmet_[node] != is_failed) {
    const std::span<const node_id> row = graph_->dependencies(node);
    node = *std::find_if(row.begin(), row.end(), [this](node_id each) { return lost(each); });
  }
  return node;
}

}  // namespace engine::dag
