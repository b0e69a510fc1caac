#include "subsystems/dag/run.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::diamond;
using testing::make_graph;

// 0 -> 1 -> 2 -> 3 and 4 -> 2: two ways for 2 and 3 to be skipped.
const std::vector<edge> two_sources = {{0, 1}, {1, 2}, {2, 3}, {4, 2}};

// One letter a task: w(aiting), r(eady), x (running), d(one), f(ailed), s(kipped).
std::string states(const run& of, std::uint32_t nodes) {
  std::string letters;
  for (node_id node = 0; node < nodes; ++node) {
    letters += "wrxdfs"[static_cast<std::size_t>(of.state(node))];
  }
  return letters;
}

// Steps such as "t0 c0 f1 r1" (take, complete, fail, retry), each with the task it concerns.
void play(run& on, std::string_view steps) {
  for (std::size_t at = 0; at < steps.size(); at += 3) {
    const auto node = static_cast<node_id>(steps[at + 1] - '0');
    switch (steps[at]) {
      case 't':
        ASSERT_EQ(on.take(), node) << steps.substr(0, at + 2);
        break;
      case 'c':
        ASSERT_TRUE(on.complete(node)) << steps.substr(0, at + 2);
        break;
      case 'f':
        ASSERT_TRUE(on.fail(node)) << steps.substr(0, at + 2);
        break;
      default:
        ASSERT_TRUE(on.retry(node)) << steps.substr(0, at + 2);
    }
  }
}

TEST(run, goes_through_the_states) {
  struct row {
    const char* what;
    std::uint32_t nodes;
    std::vector<edge> edges;
    const char* steps;
    const char* states;
    std::uint32_t ready;
    std::uint32_t unfinished;
  };
  const row rows[] = {
      {"nothing to do", 0, {}, "", "", 0, 0},
      {"one task", 1, {}, "", "r", 1, 1},
      {"one task taken", 1, {}, "t0", "x", 0, 1},
      {"one task done", 1, {}, "t0 c0", "d", 0, 0},
      {"one task failed", 1, {}, "t0 f0", "f", 0, 0},
      {"one task tried again", 1, {}, "t0 f0 r0", "r", 1, 1},
      {"one task given back", 1, {}, "t0 r0", "r", 1, 1},
      {"side by side, in order of ids", 3, {}, "t0 t1 t2 c1", "xdx", 0, 2},
      {"given back: last in the queue", 3, {}, "t0 r0 t1 t2 t0", "xxx", 0, 3},
      {"a join waits for both", 4, diamond, "t0 c0 t1 t2 c2", "dxdw", 0, 2},
      {"a join", 4, diamond, "t0 c0 t1 t2 c2 c1", "dddr", 1, 1},
      {"in the order of completions", 5, {{0, 3}, {1, 4}}, "t0 t1 c1 c0 t2 t4 t3", "ddxxx", 0, 3},
      {"all skipped", 4, diamond, "t0 f0", "fsss", 0, 0},
      {"all tried again", 4, diamond, "t0 f0 r0", "rwww", 1, 4},
      {"one branch failed", 4, diamond, "t0 c0 t1 f1", "dfrs", 1, 1},
      {"the other branch still runs", 4, diamond, "t0 c0 t1 f1 t2 c2", "dfds", 0, 0},
      {"both branches failed", 4, diamond, "t0 c0 t1 f1 t2 f2", "dffs", 0, 0},
      {"one of both tried again", 4, diamond, "t0 c0 t1 f1 t2 f2 r1", "drfs", 1, 1},
      {"both tried again", 4, diamond, "t0 c0 t1 f1 t2 f2 r1 r2", "drrw", 2, 3},
      {"done at the second try", 4, diamond, "t0 c0 t1 f1 t2 f2 r1 r2 t1 c1 t2 c2 t3", "dddx", 0,
       1},
      {"two reasons", 5, two_sources, "t0 t4 f0 f4", "fsssf", 0, 0},
      {"two reasons, near one gone", 5, two_sources, "t0 t4 f0 f4 r4", "fsssr", 1, 1},
      {"two reasons, far one gone", 5, two_sources, "t0 t4 f0 f4 r0", "rwssf", 1, 2},
      {"two reasons, both gone", 5, two_sources, "t0 t4 f0 f4 r0 r4", "rwwwr", 2, 5},
  };
  for (const row& each : rows) {
    const graph tasks = make_graph(each.nodes, each.edges);
    run played(tasks);
    play(played, each.steps);
    EXPECT_EQ(states(played, each.nodes), each.states) << each.what;
    EXPECT_EQ(played.ready_count(), each.ready) << each.what;
    EXPECT_EQ(played.unfinished(), each.unfinished) << each.what;
    EXPECT_EQ(played.finished(), each.unfinished == 0) << each.what;
  }
}

TEST(run, refuses_misuse_and_stays_as_it_is) {
  struct row {
    const char* what;
    const char* before;
    char step;
    node_id node;
    errc code;
  };
  const row rows[] = {
      {"completing a waiting task", "", 'c', 3, errc::wrong_state},
      {"completing a ready task", "", 'c', 0, errc::wrong_state},
      {"completing twice", "t0 c0", 'c', 0, errc::wrong_state},
      {"completing a failed task", "t0 f0", 'c', 0, errc::wrong_state},
      {"completing a skipped task", "t0 f0", 'c', 3, errc::wrong_state},
      {"completing the next id", "", 'c', 4, errc::unknown_node},
      {"completing the last id", "", 'c', ~0U, errc::unknown_node},
      {"failing a waiting task", "", 'f', 3, errc::wrong_state},
      {"failing a ready task", "", 'f', 0, errc::wrong_state},
      {"failing a done task", "t0 c0", 'f', 0, errc::wrong_state},
      {"failing twice", "t0 f0", 'f', 0, errc::wrong_state},
      {"failing a skipped task", "t0 f0", 'f', 1, errc::wrong_state},
      {"failing the next id", "", 'f', 4, errc::unknown_node},
      {"failing the last id", "", 'f', ~0U, errc::unknown_node},
      {"trying a waiting task again", "", 'r', 3, errc::wrong_state},
      {"trying a ready task again", "", 'r', 0, errc::wrong_state},
      {"trying a done task again", "t0 c0", 'r', 0, errc::wrong_state},
      {"trying a skipped task again", "t0 f0", 'r', 1, errc::wrong_state},
      {"trying again twice", "t0 f0 r0", 'r', 0, errc::wrong_state},
      {"trying the next id again", "", 'r', 4, errc::unknown_node},
      {"trying the last id again", "", 'r', ~0U, errc::unknown_node},
  };
  const graph tasks = make_graph(4, diamond);
  for (const auto& [what, before, step, node, code] : rows) {
    run misused(tasks);
    play(misused, before);
    const std::string states_before = states(misused, 4);
    const std::uint32_t ready = misused.ready_count();
    const std::uint32_t unfinished = misused.unfinished();
    boost::system::error_code found;
    switch (step) {
      case 'c':
        found = misused.complete(node).error();
        break;
      case 'f':
        found = misused.fail(node).error();
        break;
      default:
        found = misused.retry(node).error();
    }
    EXPECT_EQ(found, code) << what;
    EXPECT_EQ(states(misused, 4), states_before) << what;
    EXPECT_EQ(misused.ready_count(), ready) << what;
    EXPECT_EQ(misused.unfinished(), unfinished) << what;
  }
}

TEST(run, tells_how_many_tasks_a_step_changes) {
  const graph tasks = make_graph(5, two_sources);
  run counted(tasks);
  play(counted, "t0 t4");
  EXPECT_EQ(counted.fail(4).value(), 2U);
  EXPECT_EQ(counted.fail(0).value(), 1U);
  play(counted, "r0 r4 t0 t4");
  EXPECT_EQ(counted.complete(0).value(), 1U);
  EXPECT_EQ(counted.complete(4).value(), 0U);
}

TEST(run, gives_no_task_when_none_is_ready) {
  const graph nothing;
  EXPECT_EQ(run(nothing).take(), std::nullopt);
  const graph tasks = make_graph(4, diamond);
  run stepped(tasks);
  play(stepped, "t0");
  EXPECT_EQ(stepped.take(), std::nullopt);
  play(stepped, "f0");
  EXPECT_EQ(stepped.take(), std::nullopt);
}

TEST(run, names_a_failed_task_for_each_skipped_one) {
  struct row {
    const char* steps;
    // By task: the digit of the reason, or '-'.
    const char* reasons;
  };
  const row rows[] = {
      {"", "-----"},
      {"t0 f0", "-000-"},
      {"t0 t4 f4", "--44-"},
      {"t0 t4 f4 c0 t1 f1", "--11-"},  // the author's first
      {"t0 t4 f4 c0 t1 f1 r4", "--11-"},
      {"t0 t4 f4 c0 t1 f1 r1", "--44-"},
      {"t0 t4 f4 c0 t1 f1 r1 r4", "-----"},
  };
  const graph tasks = make_graph(5, two_sources);
  for (const auto& [steps, reasons] : rows) {
    run failed(tasks);
    play(failed, steps);
    for (node_id node = 0; node < 5; ++node) {
      const std::optional<node_id> reason = failed.skip_reason(node);
      EXPECT_EQ(reason ? static_cast<char>('0' + *reason) : '-', reasons[node])
          << steps << ", task " << node;
    }
  }
}

// Taking looks ahead in the queue of a large graph, across the end of the ring too.
TEST(run, goes_round_its_ring) {
  for (const std::uint32_t tasks : {5U, 200'001U}) {
    std::vector<edge> edges;
    for (node_id node = 0; node + 1 < tasks; ++node) {
      edges.push_back({node, tasks - 1});
    }
    const graph built = testing::make_graph(tasks, edges);
    run execution(built);
    for (std::uint32_t round = 0; round < 2 * tasks; ++round) {
      const std::optional<node_id> taken = execution.take();
      ASSERT_TRUE(taken.has_value());
      ASSERT_TRUE(execution.retry(*taken).has_value());
    }
    EXPECT_EQ(execution.ready_count(), tasks - 1);
    std::uint32_t completed = 0;
    while (const std::optional<node_id> taken = execution.take()) {
      ASSERT_TRUE(execution.complete(*taken).has_value());
      ++completed;
    }
    EXPECT_EQ(completed, tasks);
    EXPECT_TRUE(execution.finished());
  }
}

TEST(run, starts_anew_without_allocating) {
  const graph large = make_graph(1'000, diamond);
  const graph small = make_graph(4, diamond);
  const graph nothing;
  run reused(large);
  const std::uint64_t before = testing::allocations();
  for (const graph* tasks : {&small, &large, &nothing, &small}) {
    reused.reset(*tasks);
    EXPECT_EQ(reused.unfinished(), tasks->size());
    while (const std::optional<node_id> node = reused.take()) {
      ASSERT_TRUE(*node == 0 ? reused.fail(0) : reused.complete(*node));
    }
    EXPECT_TRUE(reused.finished());
    if (tasks->size() > 0) {
      EXPECT_EQ(reused.state(3), task_state::skipped);
    }
  }
  reused.reset();
  play(reused, "t0 c0 t1 t2 c1 c2 t3 c3");
  EXPECT_TRUE(reused.finished());
  EXPECT_EQ(testing::allocations(), before);
}

TEST(run, moves) {
  const graph tasks = make_graph(4, diamond);
  run source(tasks);
  play(source, "t0 c0 t1");
  run target = std::move(source);
  play(target, "t2 c1");
  EXPECT_EQ(states(target, 4), "ddxw");
  source.reset(tasks);  // NOLINT(bugprone-use-after-move): what is tested
  EXPECT_EQ(states(source, 4), "rwww");
  source = std::move(target);
  EXPECT_EQ(states(source, 4), "ddxw");
}

}  // namespace
}  // namespace engine::dag
