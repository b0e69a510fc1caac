// The history while it changes: executions that are over, months that come and go.
#include <algorithm>
#include <atomic>
#include <pqxx/transaction>
#include <thread>

#include <gtest/gtest.h>

#include "subsystems/postgres/history_test_support.h"

namespace engine::postgres {
namespace {

known_execution active_one(const uuid& id) {
  known_execution made{1, {}};
  made.summary.id = id;
  made.summary.workflow_id = key_in(month{202001}, 10);
  made.summary.workflow_version = 1;
  made.summary.status = execution_status::running;
  made.summary.started_at = id.time();
  return made;
}

std::vector<known_execution> active_ones(std::uint64_t count, month first) {
  std::vector<known_execution> all;
  for (std::uint64_t number = 0; number < count; ++number) {
    all.push_back(active_one(key_in(first.plus(static_cast<int>(number % 3)), number)));
  }
  std::sort(all.begin(), all.end(),
            [](const auto& left, const auto& right) { return left.summary.id > right.summary.id; });
  return all;
}

void finish(pqxx::connection& on, const uuid& id) {
  pqxx::work work(on);
  work.exec_params(
      "WITH over AS (DELETE FROM active_executions WHERE id = $1 RETURNING *) "
      "INSERT INTO execution_records (id, workflow_id, started_at, finished_at, tenant_id, "
      "workflow_version, status) SELECT id, workflow_id, started_at, now(), tenant_id, "
      "workflow_version, 2 FROM over",
      id.text());
  work.commit();
}

std::vector<uuid> keys_of(const std::vector<execution_summary>& listed) {
  std::vector<uuid> keys;
  keys.reserve(listed.size());
  for (const execution_summary& each : listed) {
    keys.push_back(each.id);
  }
  return keys;
}

TEST(history_change, a_walk_sees_each_once_while_executions_end_between_its_pages) {
  test_store store(present.plus(-2), present);
  const auto all = active_ones(300, present.plus(-2));
  insert(store, all);
  session session = store.connect();
  history history(session);
  fixtures::random source(3);
  std::vector<uuid> seen;
  std::string after;
  do {
    const auto read = history.list_executions(1, {}, {7, after}).value();
    for (const uuid& key : keys_of(read.items)) {
      seen.push_back(key);
    }
    after = read.next;
    for (int ended = 0; ended < 6; ++ended) {
      finish(store.on(), all[source.below(300)].summary.id);
    }
  } while (!after.empty());
  EXPECT_EQ(seen, keys_of(matching(all, 1, {})));
}

TEST(history_change, a_page_sees_each_once_while_executions_end) {
  test_store store(present.plus(-2), present);
  auto all = active_ones(600, present.plus(-2));
  insert(store, all);
  const auto expected = keys_of(matching(all, 1, {}));
  std::atomic<bool> is_done{false};
  std::thread ending([&] {
    pqxx::connection on(store.url());
    fixtures::random source(4);
    source.shuffle(std::span(all));
    for (const known_execution& each : all) {
      finish(on, each.summary.id);
    }
    is_done = true;
  });
  session session = store.connect();
  history history(session);
  int walks = 0;
  while (!is_done) {
    ASSERT_EQ(keys_of(walk(history, 1, {}, 1'000)), expected) << walks;
    ASSERT_EQ(keys_of(walk(history, 1, {.workflow_id = key_in(month{202001}, 10)}, 50)), expected)
        << walks;
    const uuid any = expected[static_cast<std::size_t>(walks) % expected.size()];
    ASSERT_TRUE(history.get(1, any));
    ASSERT_TRUE(history.get_trace(1, any));
    ++walks;
  }
  ending.join();
  EXPECT_EQ(keys_of(walk(history, 1, {.status = execution_status::succeeded}, 90)), expected);
}

TEST(history_change, months_come_and_go) {
  test_store store({202401}, {202402});
  session session = store.connect();
  history history(session, {.months_age_max = std::chrono::milliseconds(0)});
  auto january = active_one(key_in({202401}, 1));
  january.summary.status = execution_status::failed;
  january.summary.finished_at = january.summary.started_at;
  auto march = january;
  march.summary.id = key_in({202403}, 1);
  insert(store, {january});
  EXPECT_EQ(walk(history, 1, {}, 5).size(), 1U);
  EXPECT_EQ(history.get(1, march.summary.id).error().code, errc::not_found);

  make_partitions(store.on(), {202403}, {202403}).value();
  insert(store, {march});
  EXPECT_EQ(walk(history, 1, {}, 5).size(), 2U);
  EXPECT_TRUE(history.get(1, march.summary.id));
  EXPECT_TRUE(history.get_trace(1, march.summary.id));

  drop_partitions(store.on(), month{202402}.begin()).value();
  EXPECT_EQ(walk(history, 1, {}, 5).size(), 1U);
  EXPECT_EQ(history.get(1, january.summary.id).error().code, errc::not_found);
}

TEST(history_change, a_month_that_was_dropped_a_moment_ago) {
  test_store store({202401}, {202402});
  session session = store.connect();
  history history(session, {.months_age_max = std::chrono::hours(1)});
  auto january = active_one(key_in({202401}, 1));
  january.summary.status = execution_status::succeeded;
  january.summary.finished_at = january.summary.started_at;
  insert(store, {january});
  ASSERT_EQ(walk(history, 1, {}, 5).size(), 1U);
  ASSERT_TRUE(history.get(1, january.summary.id));
  ASSERT_TRUE(history.get_trace(1, january.summary.id));
  const uuid other_month = key_in({202402}, 1);
  drop_partitions(store.on(), month{202402}.begin()).value();
  EXPECT_EQ(history.get(1, january.summary.id).error().code, errc::not_found);
  EXPECT_EQ(walk(history, 1, {}, 5).size(), 0U);
  drop_partitions(store.on(), month{202403}.begin()).value();
  EXPECT_EQ(history.get_trace(1, other_month).error().code, errc::not_found);
  EXPECT_EQ(walk(history, 1, {}, 5).size(), 0U);
}

TEST(history_change, an_execution_in_a_month_without_partitions) {
  test_store store({202402}, {202402});
  session session = store.connect();
  history history(session);
  const auto early = active_one(key_in({202401}, 1));
  const auto late = active_one(key_in({202405}, 1));
  insert(store, {late, early});
  EXPECT_EQ(keys_of(walk(history, 1, {}, 1)),
            (std::vector<uuid>{late.summary.id, early.summary.id}));
  EXPECT_EQ(history.get_trace(1, late.summary.id).value().execution.summary, late.summary);
}

TEST(history_change, without_tables) {
  test_schema schema;
  session session = schema.connect();
  history history(session);
  EXPECT_EQ(history.list_executions(1, {}).error().code, errc::query_failed);
  EXPECT_EQ(history.get(1, uuid{}).error().code, errc::query_failed);
  EXPECT_EQ(history.count(1).error().code, errc::query_failed);
  migrate(schema.on()).value();
  EXPECT_TRUE(history.list_executions(1, {}).value().items.empty());
}

}  // namespace
}  // namespace engine::postgres
