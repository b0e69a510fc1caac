#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/workflow.h"
#include "subsystems/dag/run.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

// The same as run, but everything that follows from what was done is found by looking at all tasks.
class naive_run {
 public:
  explicit naive_run(const graph& tasks) : tasks_(tasks), states_(tasks.size()) { rescan(); }

  [[nodiscard]] const std::vector<task_state>& states() const { return states_; }
  [[nodiscard]] const std::deque<node_id>& queue() const { return queue_; }
  [[nodiscard]] std::uint32_t count(task_state wanted) const {
    return static_cast<std::uint32_t>(std::count(states_.begin(), states_.end(), wanted));
  }

  void take() {
    states_[queue_.front()] = task_state::running;
    queue_.pop_front();
  }
  void complete(node_id node) {
    states_[node] = task_state::done;
    rescan();
  }
  void fail(node_id node) {
    states_[node] = task_state::failed;
    rescan();
  }
  void retry(node_id node) {
    states_[node] = task_state::ready;
    queue_.push_back(node);
    rescan();
  }

  // Whether `reason` failed and leads to `node`.
  [[nodiscard]] bool is_reason(node_id reason, node_id node) const {
    return states_[reason] == task_state::failed &&
           testing::naive_distance(tasks_.size(), testing::edges_of(tasks_), reason, node) > 0;
  }

 private:
  // A wave of dependents becomes ready in the order of the ids: completions come one at a time.
  void rescan() {
    for (const node_id node : tasks_.order()) {
      task_state& state = states_[node];
      if (state != task_state::waiting && state != task_state::skipped) {
        continue;
      }
      const std::span<const node_id> row = tasks_.dependencies(node);
      const bool lost = std::any_of(row.begin(), row.end(), [this](node_id each) {
        return states_[each] == task_state::failed || states_[each] == task_state::skipped;
      });
      state = lost ? task_state::skipped : task_state::waiting;
    }
    for (node_id node = 0; node < tasks_.size(); ++node) {
      const std::span<const node_id> row = tasks_.dependencies(node);
      if (states_[node] == task_state::waiting &&
          std::all_of(row.begin(), row.end(),
                      [this](node_id each) { return states_[each] == task_state::done; })) {
        states_[node] = task_state::ready;
        queue_.push_back(node);
      }
    }
  }

  const graph& tasks_;
  std::vector<task_state> states_;
  std::deque<node_id> queue_;
};

// Takes, completes, fails and retries at random; `failures` of 16 tasks fail.
class random_play {
 public:
  random_play(const graph& tasks, std::uint64_t seed, std::uint32_t failures)
      : tasks_(tasks), source_(seed), failures_(failures), fast_(tasks), slow_(tasks) {}

  void step() {
    const std::uint32_t drawn = source_.below(16);
    if (drawn < 5 && !slow_.queue().empty()) {
      const node_id expected = slow_.queue().front();
      slow_.take();
      ASSERT_EQ(fast_.take(), expected);
    } else if (drawn < 12) {
      finish(pick(task_state::running));
    } else if (drawn < 13) {
      retry(pick(task_state::running));
    } else if (drawn < 15) {
      retry(pick(task_state::failed));
    } else {
      misuse(source_.below(tasks_.size()));
    }
  }

  void expect_equal() {
    ASSERT_EQ(fast_.ready_count(), slow_.queue().size());
    const std::uint32_t unfinished = slow_.count(task_state::waiting) +
                                     slow_.count(task_state::ready) +
                                     slow_.count(task_state::running);
    ASSERT_EQ(fast_.unfinished(), unfinished);
    for (node_id node = 0; node < tasks_.size(); ++node) {
      ASSERT_EQ(fast_.state(node), slow_.states()[node]) << "task " << node;
      const std::optional<node_id> reason = fast_.skip_reason(node);
      ASSERT_EQ(reason.has_value(), slow_.states()[node] == task_state::skipped) << "task " << node;
      if (reason) {
        ASSERT_TRUE(slow_.is_reason(*reason, node)) << "task " << node << " because of " << *reason;
      }
    }
  }

 private:
  // Any task in this state, or one behind the last id.
  node_id pick(task_state wanted) {
    std::vector<node_id> found;
    for (node_id node = 0; node < tasks_.size(); ++node) {
      if (slow_.states()[node] == wanted) {
        found.push_back(node);
      }
    }
    return found.empty() ? tasks_.size()
                         : found[source_.below(static_cast<std::uint32_t>(found.size()))];
  }

  void finish(node_id node) {
    if (node == tasks_.size()) {
      ASSERT_EQ(fast_.complete(node).error(), errc::unknown_node);
      return;
    }
    const auto ready = slow_.queue().size();
    const std::uint32_t skipped = slow_.count(task_state::skipped);
    if (source_.below(16) < failures_) {
      slow_.fail(node);
      ASSERT_EQ(fast_.fail(node).value(), slow_.count(task_state::skipped) - skipped);
    } else {
      slow_.complete(node);
      ASSERT_EQ(fast_.complete(node).value(), slow_.queue().size() - ready);
    }
  }

  void retry(node_id node) {
    if (node == tasks_.size()) {
      ASSERT_EQ(fast_.retry(node).error(), errc::unknown_node);
      return;
    }
    slow_.retry(node);
    ASSERT_TRUE(fast_.retry(node));
  }

  void misuse(node_id node) {
    const task_state state = slow_.states()[node];
    if (state != task_state::running) {
      ASSERT_EQ(fast_.complete(node).error(), errc::wrong_state);
      ASSERT_EQ(fast_.fail(node).error(), errc::wrong_state);
      if (state != task_state::failed) {
        ASSERT_EQ(fast_.retry(node).error(), errc::wrong_state);
      }
    }
  }

  const graph& tasks_;
  fixtures::random source_;
  std::uint32_t failures_;
  run fast_;
  naive_run slow_;
};

TEST(run_property, equals_a_rescan_after_each_step) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = 1 + source.below(16);
    const graph tasks = testing::make_graph(
        nodes, testing::random_edges(source, nodes, source.unit() * source.unit()));
    random_play play(tasks, seed, source.below(9));
    for (int step = 0; step < 150; ++step) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", step " << step);
      play.step();
      play.expect_equal();
      if (::testing::Test::HasFatalFailure()) {
        return;
      }
    }
  }
}

void expect_drained_in_order(fixtures::shape shape, std::uint32_t nodes) {
  const fixtures::workflow made({.shape = shape, .tasks = nodes});
  const graph tasks = testing::make_graph(nodes, made.edges());
  run drained(tasks);
  std::vector<bool> done(nodes);
  std::uint32_t taken = 0;
  std::uint32_t freed = drained.ready_count();
  while (const std::optional<node_id> node = drained.take()) {
    ++taken;
    for (const node_id dependency : tasks.dependencies(*node)) {
      ASSERT_TRUE(done[dependency]) << name_of(shape) << ", task " << *node;
    }
    done[*node] = true;
    freed += drained.complete(*node).value();
  }
  EXPECT_EQ(taken, nodes) << name_of(shape);
  EXPECT_EQ(freed, nodes) << name_of(shape);
  EXPECT_TRUE(drained.finished()) << name_of(shape) << ", " << nodes << " tasks";
}

TEST(run_property, drains_every_shape_in_order) {
  for (const fixtures::shape shape : fixtures::all_shapes) {
    for (const std::uint32_t nodes : {4U, 100U, 5'000U}) {
      expect_drained_in_order(shape, nodes);
    }
  }
  // Beyond the size from which memory is asked for ahead of time.
  expect_drained_in_order(fixtures::shape::layered, 210'000);
  expect_drained_in_order(fixtures::shape::fan_out, 210'000);
}

TEST(run_property, fails_and_recovers_at_every_task) {
  const fixtures::workflow made({.tasks = 300});
  const graph tasks = testing::make_graph(300, made.edges());
  run tried(tasks);
  std::vector<bool> failed_once(300);
  while (const std::optional<node_id> node = tried.take()) {
    if (!failed_once[*node]) {
      failed_once[*node] = true;
      const std::uint32_t before = tried.unfinished();
      const std::uint32_t skipped = tried.fail(*node).value();
      ASSERT_EQ(tried.unfinished(), before - 1 - skipped);
      ASSERT_TRUE(tried.retry(*node));
      ASSERT_EQ(tried.unfinished(), before);
    } else {
      ASSERT_TRUE(tried.complete(*node));
    }
  }
  EXPECT_TRUE(tried.finished());
}

}  // namespace
}  // namespace engine::dag
