// Writes that cannot be stored: they fail, alone, with a reason, and leave nothing.
#include <chrono>
#include <map>
#include <pqxx/transaction>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/connection_string.h"
#include "subsystems/postgres/writer_test_support.h"

namespace engine::postgres {
namespace {

using testing::at;
using testing::becomes;
using testing::begins;
using testing::happens;
using testing::march;
using testing::refusal_of;
using testing::spans;
using testing::task;
using testing::write;
using testing::writer_store;
using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

constexpr std::array<std::string_view, 0> no_tasks = {};

TEST(batch_writer_refusals, a_write_is_all_or_nothing) {
  writer_store store;
  batch_writer writer(store.url());
  const uuid unknown = key_in(march, 1);
  EXPECT_EQ(refusal_of(write(writer, {happens(unknown, 1), spans(unknown, 1, "s"),
                                      task(unknown, 0, task_status::running)}),
                       unknown),
            errc::not_found);
  const uuid begun = key_in(march, 2);
  EXPECT_EQ(refusal_of(write(writer, {begins(begun), happens(begun, 1), happens(begun, 1)}), begun),
            errc::duplicate);
  EXPECT_EQ(refusal_of(write(writer, {begins(begun), happens(begun, 1),
                                      task(begun, 3, task_status::running)}),
                       begun),
            errc::not_found);
  for (const char* table : {"events", "trace_spans", "active_executions", "task_records"}) {
    EXPECT_EQ(store.rows(table), 0) << table;
  }
}

/// Good writes with bad ones between them; each fails with its code, and nothing else does.
TEST(batch_writer_refusals, bad_writes_among_a_thousand_fail_alone) {
  writer_store store;
  batch_writer writer(store.url(), {.lanes = 1});
  const uuid known = key_in(march, 999'999);
  ASSERT_TRUE(write(writer, {begins(known)}));
  static const std::string deep(100'000, '[');
  std::map<uuid, errc> bad;
  receipt written;
  // While the lane waits for this lock, all that follows gathers in one batch.
  auto holding = std::make_unique<pqxx::work>(store.on());
  holding->exec("LOCK TABLE active_executions IN EXCLUSIVE MODE");
  const change first = begins(key_in(march, 999'998));
  ASSERT_TRUE(writer.submit({&first, 1}, written));
  constexpr std::string_view bad_names[] = {"zero\0byte"sv, "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80"};
  for (std::uint64_t number = 0; number < 1'000; ++number) {
    const uuid id = key_in(march, number);
    std::vector<change> changes{begins(id), happens(id, 1)};
    const std::span<const std::string_view> name(&bad_names[number / 97 % 4], 1);
    const std::vector<std::pair<change, errc>> ways{
        {task(id, 9, task_status::running), errc::not_found},
        {happens(id, 1), errc::duplicate},
        {happens(id, 2, name[0]), errc::bad_input},
        {happens(id, 2, "kind", "{not json}"), errc::rejected},
        {spans(id, 2, name[0]), errc::bad_input},
        {spans(id, 2, "name", deep), errc::rejected},
        {becomes(id, execution_status::failed, 1, "{\"a\":}"), errc::rejected},
        {becomes(id, static_cast<execution_status>(9)), errc::bad_input},
        {begins(id), errc::duplicate},
        {event{.execution_id = id, .sequence = 3, .kind = "k", .at = time_point::min()},
         errc::rejected},
    };
    if (number % 97 == 50) {
      const auto& [change, code] = ways[number / 97 % ways.size()];
      changes.push_back(change);
      bad[id] = code;
    } else if (number % 97 == 51) {
      changes[0] = begins(id, name);
      bad[id] = errc::bad_input;
    }
    ASSERT_TRUE(writer.submit(changes, written));
  }
  holding.reset();
  ASSERT_FALSE(written.wait());
  std::map<uuid, errc> failed;
  for (const write_failure& each : written.take_failures()) {
    failed[each.execution_id] = refusal_of(each.why, each.execution_id);
  }
  EXPECT_EQ(failed, bad);
  EXPECT_EQ(store.rows("active_executions"), static_cast<std::int64_t>(1'002 - bad.size()));
  EXPECT_EQ(store.rows("events"), static_cast<std::int64_t>(1'000 - bad.size()));
  EXPECT_EQ(store.rows("task_records"), static_cast<std::int64_t>(3 * (1'002 - bad.size())));
  EXPECT_EQ(writer.statistics().failed, bad.size());
  EXPECT_GT(writer.statistics().splits, 0U);
}

TEST(batch_writer_refusals, an_execution_begins_and_ends_once) {
  writer_store store;
  batch_writer writer(store.url());
  std::uint64_t number = 0;
  for (const auto tasks : {std::span<const std::string_view>(testing::three_names),
                           std::span<const std::string_view>(no_tasks)}) {
    SCOPED_TRACE(tasks.size());
    const uuid id = key_in(march, ++number);
    ASSERT_TRUE(write(writer, {begins(id, tasks)}));
    EXPECT_EQ(refusal_of(write(writer, {begins(id, tasks)}), id), errc::duplicate);
    EXPECT_EQ(
        refusal_of(write(writer, {begins(id, tasks), becomes(id, execution_status::failed)}), id),
        errc::duplicate);
    EXPECT_EQ(store.execution(id), "active 0");
    ASSERT_TRUE(write(writer, {becomes(id, execution_status::succeeded)}));
    EXPECT_EQ(store.execution(id), "over 2");
    EXPECT_EQ(refusal_of(write(writer, {begins(id, tasks)}), id), errc::duplicate);
    for (const auto status : {execution_status::running, execution_status::failed}) {
      EXPECT_EQ(refusal_of(write(writer, {becomes(id, status)}), id), errc::not_found);
    }
    EXPECT_EQ(
        refusal_of(write(writer, {begins(id, tasks), becomes(id, execution_status::failed)}), id),
        errc::duplicate);
    EXPECT_EQ(store.execution(id), "over 2");
  }
  EXPECT_EQ(store.wrong_counts(), 0);
}

TEST(batch_writer_refusals, what_was_without_tasks_does_not_begin_again_with_some) {
  writer_store store;
  batch_writer writer(store.url());
  const uuid id = key_in(march, 1);
  ASSERT_TRUE(write(writer, {begins(id, no_tasks), becomes(id, execution_status::succeeded)}));
  EXPECT_EQ(refusal_of(write(writer, {begins(id)}), id), errc::duplicate);
  EXPECT_EQ(store.execution(id), "over 2");
  EXPECT_EQ(store.rows("task_records"), 0);
}

/// Whichever of a batch's keys is stored, and wherever it lies among them.
TEST(batch_writer_refusals, of_a_batch_only_what_is_stored_does_not_begin_again) {
  for (const bool ends : {false, true}) {
    for (const std::uint64_t stored : {1U, 4U, 7U}) {
      SCOPED_TRACE(fmt::format("ends {}, stored {}", ends, stored));
      writer_store store;
      batch_writer writer(store.url(), {.lanes = 1});
      const uuid known = key_in(march, stored);
      ASSERT_TRUE(write(writer, {begins(known, no_tasks)}));
      if (!ends) {
        ASSERT_TRUE(write(writer, {becomes(known, execution_status::succeeded)}));
      }
      receipt written;
      auto holding = std::make_unique<pqxx::work>(store.on());
      holding->exec("LOCK TABLE active_executions, execution_records IN EXCLUSIVE MODE");
      const change first = begins(key_in(march, 100), no_tasks);
      ASSERT_TRUE(writer.submit({&first, 1}, written));
      for (const std::uint64_t number : {5U, 7U, 2U, 1U, 6U, 4U, 3U}) {
        const uuid id = key_in(march, number);
        std::vector<change> changes{begins(id, no_tasks)};
        if (ends) {
          changes.push_back(becomes(id, execution_status::failed));
        }
        ASSERT_TRUE(writer.submit(changes, written));
      }
      holding.reset();
      EXPECT_EQ(refusal_of(written.wait(), known), errc::duplicate);
      EXPECT_EQ(written.failed(), 1U);
      EXPECT_EQ(store.rows("active_executions"), ends ? 2 : 7);
      EXPECT_EQ(store.rows("execution_records"), ends ? 6 : 1);
      EXPECT_EQ(store.wrong_counts(), 0);
    }
  }
}

TEST(batch_writer_refusals, a_write_that_waits_for_somebody_fails_alone) {
  writer_store store;
  batch_writer writer(store.url(), {.lanes = 1, .lock_timeout = std::chrono::milliseconds(20)});
  constexpr std::uint64_t executions = 20;
  std::vector<change> begun;
  std::vector<change> running;
  for (std::uint64_t number = 0; number < executions; ++number) {
    begun.push_back(begins(key_in(march, number)));
    running.push_back(becomes(key_in(march, number), execution_status::running));
  }
  receipt written;
  ASSERT_TRUE(writer.submit_each(begun, written));
  ASSERT_TRUE(written.wait());
  pqxx::connection stranger(store.url());
  pqxx::work holding(stranger);
  holding.exec(fmt::format("SELECT FROM active_executions WHERE id = '{}' FOR UPDATE",
                           key_in(march, 7).text()));
  ASSERT_TRUE(writer.submit_each(running, written));
  EXPECT_FALSE(written.wait());
  const std::vector<write_failure> failures = written.take_failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures.front().execution_id, key_in(march, 7));
  holding.abort();
  EXPECT_EQ(store.rows("active_executions WHERE status = 1"), 19);
  EXPECT_TRUE(write(writer, {running[7]}));
  EXPECT_EQ(writer.statistics().reconnects, 0U);
}

TEST(batch_writer_refusals, what_is_acknowledged_is_on_the_disk_whatever_the_default) {
  constexpr std::pair<const char*, const char*> modes[] = {
      {"off", "on"}, {"local", "local"}, {"on", "on"}};
  for (const auto& [given, expected] : modes) {
    writer_store store;
    store.run(
        "ALTER TABLE writer_lanes ADD mode text DEFAULT current_setting('synchronous_commit')");
    fixtures::connection_string url(store.url());
    url.set("options", fmt::format("{} -csynchronous_commit={}", url.get("options"), given));
    batch_writer writer(url.uri());
    ASSERT_TRUE(write(writer, {begins(key_in(march, 1))}));
    EXPECT_EQ(store.text("SELECT mode FROM writer_lanes"), expected) << given;
  }
}

TEST(batch_writer_refusals, what_is_submitted_twice_is_stored_once) {
  writer_store store;
  batch_writer writer(store.url());
  receipt written;
  constexpr std::uint64_t executions = 200;
  for (int time = 0; time < 2; ++time) {
    for (std::uint64_t number = 0; number < executions; ++number) {
      const uuid id = key_in(march, number);
      const std::vector<change> life{begins(id), happens(id, 1),
                                     becomes(id, execution_status::succeeded)};
      ASSERT_TRUE(writer.submit(life, written));
    }
  }
  ASSERT_FALSE(written.wait());
  EXPECT_EQ(written.failed(), executions);
  for (const write_failure& each : written.take_failures()) {
    EXPECT_EQ(refusal_of(each.why, each.execution_id), errc::duplicate);
  }
  EXPECT_EQ(store.rows("execution_records"), static_cast<std::int64_t>(executions));
  EXPECT_EQ(store.rows("events"), static_cast<std::int64_t>(executions));
  EXPECT_EQ(store.wrong_counts(), 0);
}

TEST(batch_writer_refusals, a_month_without_partition) {
  writer_store store;
  batch_writer writer(store.url());
  const uuid id = key_in(march.plus(3), 1);
  EXPECT_EQ(refusal_of(write(writer, {begins(id)}), id), errc::rejected);
  EXPECT_EQ(refusal_of(write(writer, {begins(id, no_tasks)}), id), errc::rejected);
  EXPECT_EQ(refusal_of(write(writer, {happens(id, 1)}), id), errc::rejected);
  EXPECT_EQ(refusal_of(write(writer, {task(id, 1, task_status::running)}), id), errc::not_found);
  EXPECT_EQ(store.rows("active_executions"), 0);
  ASSERT_TRUE(make_partitions(store.on(), march.plus(3), march.plus(3)));
  EXPECT_TRUE(write(writer, {begins(id)}));
  EXPECT_TRUE(write(writer, {task(id, 1, task_status::running)}));
}

TEST(batch_writer_refusals, a_month_that_is_dropped_takes_no_other_write_along) {
  writer_store store;
  batch_writer writer(store.url(), {.lanes = 1});
  const uuid old = key_in(march, 1);
  const uuid recent = key_in(march.plus(1), 1);
  ASSERT_TRUE(make_partitions(store.on(), march.plus(1), march.plus(1)));
  ASSERT_TRUE(write(writer, {begins(recent)}));
  ASSERT_TRUE(write(writer, {begins(old), task(old, 0, task_status::running)}));
  ASSERT_TRUE(write(writer, {task(old, 0, task_status::succeeded)}));
  ASSERT_TRUE(write(writer, {becomes(old, execution_status::succeeded)}));
  ASSERT_EQ(drop_partitions(store.on(), march.plus(1).begin())->dropped.size(), 1U);
  receipt written;
  auto holding = std::make_unique<pqxx::work>(store.on());
  holding->exec("LOCK TABLE active_executions IN EXCLUSIVE MODE");
  const change first = becomes(recent, execution_status::running);
  ASSERT_TRUE(writer.submit({&first, 1}, written));
  const std::vector<change> both{task(recent, 0, task_status::running),
                                 task(old, 0, task_status::running)};
  EXPECT_EQ(writer.submit(both, written).error().code, errc::bad_input);
  ASSERT_TRUE(writer.submit_each(both, written));
  holding.reset();
  EXPECT_EQ(refusal_of(written.wait(), old), errc::not_found);
  EXPECT_EQ(written.failed(), 1U);
  EXPECT_EQ(store.task_of(recent, 0), "1 1");
}

TEST(batch_writer_refusals, what_is_no_write_is_refused_at_once) {
  writer_store store;
  batch_writer writer(store.url(), {.lanes = 1, .batch_changes_max = 3, .queue_bytes_max = 100});
  const uuid id = key_in(march, 1);
  const std::string large(101, 'x');
  const std::vector<std::vector<change>> cases{
      {},
      {happens(id, 1), happens(key_in(march, 2), 1)},
      {happens(id, 1), happens(id, 2), happens(id, 3), happens(id, 4)},
      {happens(id, 1, large)},
  };
  receipt written;
  for (const auto& each : cases) {
    const result<void> refused = writer.submit(each, written);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::bad_input) << refused.error().what();
  }
  EXPECT_EQ(written.outstanding(), 0U);
}

TEST(batch_writer_refusals, what_lasts_fails_at_once) {
  struct {
    const char* sql;
    errc code;
  } const cases[] = {
      {"DROP TABLE events", errc::query_failed},
      {"ALTER TABLE active_executions RENAME TO elsewhere", errc::query_failed},
      {"ALTER TABLE active_executions DROP COLUMN input CASCADE", errc::query_failed},
  };
  for (const auto& each : cases) {
    writer_store store;
    store.run(each.sql);
    batch_writer writer(store.url());
    const auto begun = std::chrono::steady_clock::now();
    receipt written;
    for (std::uint64_t number = 0; number < 100; ++number) {
      const uuid id = key_in(march, number);
      ASSERT_TRUE(writer.submit(std::vector{begins(id), happens(id, 1)}, written));
    }
    const result<void> outcome = written.wait();
    ASSERT_FALSE(outcome) << each.sql;
    EXPECT_EQ(outcome.error().code, each.code) << outcome.error().what();
    EXPECT_EQ(written.failed(), 100U);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    EXPECT_EQ(store.rows("task_records"), 0);
  }
}

TEST(batch_writer_refusals, without_a_server_all_fails_in_time) {
  const fixtures::private_folder empty("headroom-writer", std::nullopt);
  batch_writer writer(fmt::format("host={} user=u", empty.path().string()),
                      {.retry_for = std::chrono::milliseconds(100)});
  receipt written;
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t number = 0; number < 50'000; ++number) {
    ASSERT_TRUE(writer.submit(std::vector{happens(key_in(march, number), 1)}, written));
  }
  writer.close();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  const result<void> outcome = written.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connect_failed);
  EXPECT_NE(outcome.error().what().find("given up after"), std::string::npos);
  EXPECT_EQ(written.failed(), 50'000U);
}

}  // namespace
}  // namespace engine::postgres
