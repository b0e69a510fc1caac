// The state of one execution of a task graph: which tasks may start now, driven by the tasks that
// end.
//
// A run reads its graph, which must outlive it, and owns 12 bytes a task: how many dependencies are
// unmet, how many of them failed, and a place in the queue of ready tasks. Nothing is ever scanned
// again: take() is O(1) and complete() O(dependents). Only the constructor and reset() allocate,
// and reset() only for a larger graph than any before. Not thread-safe: a scheduler guards each
// run.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag {

enum class task_state : std::uint8_t {
  waiting,  ///< for a dependency that is not done
  ready,    ///< all dependencies are done; in the queue
  running,  ///< taken
  done,
  failed,
  skipped,  ///< a task upstream failed, so this one cannot start
};

class run {
 public:
  /// Every task waits or, without dependencies, is ready.
  explicit run(const graph& tasks) { reset(tasks); }
  explicit run(const graph&&) = delete;  // The graph must outlive the run.

  run(run&&) noexcept =
      default;  // A run moved from may only be reset(graph), assigned or destroyed.
  run& operator=(run&&) noexcept = default;
  run(const run&) = delete;  // Two schedulers of one execution would start its tasks twice.
  run& operator=(const run&) = delete;

  /// Starts anew, over the same graph or another. O(nodes). A graph that was rebuilt needs this,
  /// even if it is the same object.
  void reset() { reset(*graph_); }
  void reset(const graph& tasks);
  void reset(const graph&&) = delete;

  /// The task that has been ready longest, now running; none if no task is ready. O(1).
  [[nodiscard]] std::optional<node_id> take();

  /// A running task is done; returns how many tasks became ready by this. O(dependents).
  /// Fails, as all of these do, with unknown_node or with wrong_state; the run is then unchanged.
  [[nodiscard]] result<std::uint32_t> complete(node_id node);

  /// A running task failed: whatever depends on it, directly or not, is skipped. Returns how many
  /// tasks became skipped by this. O(those and their dependents).
  [[nodiscard]] result<std::uint32_t> fail(node_id node);

  /// A running or failed task is ready again, last in the queue. After a failure, tasks that were
  /// skipped because of this one alone wait again. O(those and their dependents).
  [[nodiscard]] result<void> retry(node_id node);

  /// O(1). REQUIRES: node < the graph's size, as does skip_reason().
  [[nodiscard]] task_state state(node_id node) const;

  /// A failed task because of which `node` is skipped; none if it is not skipped. Walks there:
  /// O(dependencies of the tasks between).
  [[nodiscard]] std::optional<node_id> skip_reason(node_id node) const;

  [[nodiscard]] std::uint32_t ready_count() const {
    return static_cast<std::uint32_t>(tail_ - head_ + (tail_ < head_ ? ring_.size() : 0));
  }
  /// Tasks that are neither done nor failed nor skipped.
  [[nodiscard]] std::uint32_t unfinished() const { return static_cast<std::uint32_t>(unfinished_); }
  [[nodiscard]] bool finished() const { return unfinished_ == 0; }

 private:
  // The values of unmet_[node] beyond a number of dependencies, which is below 2^31.
  static constexpr std::uint32_t is_ready = 0;
  static constexpr std::uint32_t is_running = 0xfffffffd;
  static constexpr std::uint32_t is_done = 0xfffffffe;
  static constexpr std::uint32_t is_failed = 0xffffffff;

  // Beyond this many tasks the counters and rows outgrow the caches.
  static constexpr std::size_t prefetch_from = 200'000;
  static constexpr std::uint32_t tasks_ahead = 8;

  [[nodiscard]] std::size_t behind(std::size_t at) const {
    return at + 1 == ring_.size() ? 0 : at + 1;
  }
  [[nodiscard]] bool lost(node_id node) const {
    return unmet_[node] == is_failed || blocked_[node] != 0;
  }
  void prefetch_ahead() const;
  [[nodiscard]] errc misuse(node_id node) const;
  std::uint32_t release_across_the_end(std::span<const node_id> row);
  template <class Changes>
  std::uint32_t spread(node_id from, Changes changes);

  const graph* graph_ = nullptr;
  // By node: dependencies that are not done, or one of the values above.
  std::vector<std::uint32_t> unmet_;
  // By node: direct dependencies that failed or are skipped. A task with any is skipped, and cannot
  // become ready, because these are unmet; so complete() need not look here.
  std::vector<std::uint32_t> blocked_;
  // Ready tasks from head_ to before tail_, in a circle of size() + 1 places. The place at tail_ is
  // free, always; the rest of the free places are the work list of fail() and retry().
  std::vector<node_id> ring_;
  // No words of 32 bits, so that a store to an array cannot be meant for them and a loop of take()
  // and complete() keeps them in registers.
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t unfinished_ = 0;
};

// Asks for the row of a task that is soon to be taken, and for the counters of one that is sooner.
[[gnu::always_inline]] inline void run::prefetch_ahead() const {
  const std::size_t end = ring_.size();
  const std::uint32_t ready = ready_count();
  if (ready <= 2 * tasks_ahead) {
    return;
  }
  const std::size_t soon = head_ + std::size_t{2} * tasks_ahead;
  const std::size_t sooner = head_ + tasks_ahead;
  __builtin_prefetch(graph_->dependents(ring_[soon < end ? soon : soon - end]).data());
  const std::span<const node_id> row =
      graph_->dependents(ring_[sooner < end ? sooner : sooner - end]);
  for (const node_id dependent : row.first(std::min<std::size_t>(row.size(), 4))) {
    __builtin_prefetch(&unmet_[dependent], 1);
  }
}

inline std::optional<node_id> run::take() {
  if (head_ == tail_) {
    return std::nullopt;
  }
  const node_id node = ring_[head_];
  head_ = behind(head_);
  unmet_[node] = is_running;
  if (ring_.size() > prefetch_from) [[unlikely]] {
    prefetch_ahead();
  }
  return node;
}

inline result<std::uint32_t> run::complete(node_id node) {
  if (node >= unmet_.size() || unmet_[node] != is_running) [[unlikely]] {
    return misuse(node);
  }
  unmet_[node] = is_done;
  --unfinished_;
  const std::span<const node_id> row = graph_->dependents(node);
  if (row.size() >= ring_.size() - tail_) [[unlikely]] {
    return release_across_the_end(row);
  }
  // Each dependent is written to the free place, and kept there by moving on if it became ready:
  // whether it does is a coin toss that no branch predictor wins.
  std::uint32_t* const unmet = unmet_.data();
  node_id* const first_free = ring_.data() + tail_;
  node_id* free = first_free;
  for (const node_id dependent : row) {
    const std::uint32_t left = unmet[dependent] - 1;
    unmet[dependent] = left;
    *free = dependent;
    free += left == 0 ? 1 : 0;
  }
  const auto freed = static_cast<std::uint32_t>(free - first_free);
  tail_ += freed;
  return freed;
}

inline task_state run::state(node_id node) const {
  assert(node < unmet_.size());
  switch (unmet_[node]) {
    case is_ready:
      return task_state::ready;
    case is_running:
      return task_state::running;
    case is_done:
      return task_state::done;
    case is_failed:
      return task_state::failed;
    default:
      return blocked_[node] == 0 ? task_state::waiting : task_state::skipped;
  }
}

}  // namespace engine::dag
