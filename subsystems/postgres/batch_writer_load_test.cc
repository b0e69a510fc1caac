// The writer against other writers, and against what happens to connections.
#include <atomic>
#include <chrono>
#include <pqxx/transaction>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/postgres_test_support.h"
#include "subsystems/postgres/writer_test_support.h"

namespace engine::postgres {
namespace {

using testing::becomes;
using testing::begins;
using testing::happens;
using testing::march;
using testing::task;
using testing::write;
using testing::writer_store;

void begin_all(batch_writer& with, std::uint64_t executions) {
  receipt begun;
  for (std::uint64_t number = 0; number < executions; ++number) {
    const change made = begins(key_in(march, number));
    ASSERT_TRUE(with.submit({&made, 1}, begun));
  }
  ASSERT_TRUE(begun.wait());
}

/// Each transition of the first three tasks of each execution, in the order of `keys`.
void run_through(batch_writer& with, const std::vector<uuid>& keys, std::int16_t attempt) {
  receipt written;
  for (const uuid& key : keys) {
    for (std::int16_t number = 0; number < 3; ++number) {
      const change made = task(key, number, task_status::running, 1, attempt);
      ASSERT_TRUE(with.submit({&made, 1}, written));
    }
    const change runs = becomes(key, execution_status::running);
    ASSERT_TRUE(with.submit({&runs, 1}, written));
  }
  ASSERT_TRUE(written.wait());
}

TEST(batch_writer_load, writers_of_the_same_rows_in_opposite_orders_do_not_deadlock) {
  writer_store store;
  constexpr std::uint64_t executions = 500;
  batch_writer one(store.url(), {.lanes = 1});
  batch_writer other(store.url(), {.lanes = 1});
  begin_all(one, executions);
  std::vector<uuid> keys;
  for (std::uint64_t number = 0; number < executions; ++number) {
    keys.push_back(key_in(march, number));
  }
  const std::vector<uuid> reversed(keys.rbegin(), keys.rend());
  std::thread opposing([&] {
    for (std::int16_t round = 0; round < 10; ++round) {
      run_through(other, reversed, round);
    }
  });
  for (std::int16_t round = 0; round < 10; ++round) {
    run_through(one, keys, round);
  }
  opposing.join();
  EXPECT_EQ(one.statistics().repeated + other.statistics().repeated, 0U);
  EXPECT_EQ(one.statistics().failed + other.statistics().failed, 0U);
  EXPECT_EQ(store.rows("task_records WHERE status = 1 AND attempt = 9"), 3L * 500);
}

TEST(batch_writer_load, writers_that_begin_and_end_the_same_executions_do_not_deadlock) {
  writer_store store;
  constexpr std::uint64_t executions = 2'000;
  batch_writer one(store.url(), {.lanes = 1});
  batch_writer other(store.url(), {.lanes = 1});
  begin_all(one, executions);
  const change connecting = begins(key_in(march, executions));
  ASSERT_TRUE(other.write({&connecting, 1}));
  // What one sets running the other ends, every second one the other way round.
  const auto change_all = [](batch_writer& writer, std::uint64_t parity) {
    std::vector<change> changes;
    for (std::uint64_t number = 0; number < executions; ++number) {
      changes.push_back(becomes(
          key_in(march, number),
          number % 2 == parity ? execution_status::running : execution_status::succeeded, 1));
    }
    receipt written;
    ASSERT_TRUE(writer.submit_each(changes, written));
    static_cast<void>(written.wait());
    for (const write_failure& each : written.take_failures()) {
      EXPECT_EQ(each.why.code, errc::not_found) << each.why.what();  // over by then
    }
  };
  std::thread opposing([&] { change_all(other, 0); });
  change_all(one, 1);
  opposing.join();
  EXPECT_EQ(one.statistics().repeated + other.statistics().repeated, 0U);
  EXPECT_EQ(store.rows("execution_records"), static_cast<std::int64_t>(executions));
  EXPECT_EQ(store.rows("active_executions"), 1);
}

TEST(batch_writer_load, nearly_all_transitions_are_heap_only) {
  writer_store store;
  constexpr std::int64_t executions = 3'000;
  constexpr std::int64_t transitions = 6 * executions;
  batch_writer writer(store.url());
  begin_all(writer, executions);
  for (const auto status : {task_status::running, task_status::succeeded}) {
    receipt written;
    for (std::int64_t number = 0; number < executions; ++number) {
      for (std::int16_t each = 0; each < 3; ++each) {
        const change made = task(key_in(march, static_cast<std::uint64_t>(number)), each, status);
        ASSERT_TRUE(writer.submit({&made, 1}, written));
      }
    }
    ASSERT_TRUE(written.wait());
  }
  writer.close();
  // Backends report what they did at their end, at the latest.
  const std::string partition = partition_name_of("task_records", march);
  const std::string updated = fmt::format("pg_stat_get_tuples_updated('{}'::regclass)", partition);
  ASSERT_TRUE(fixtures::eventually([&] {
    store.run("SELECT pg_stat_clear_snapshot()");
    return store.number("SELECT " + updated) == transitions;
  }));
  const std::int64_t heap_only =
      store.number(fmt::format("SELECT pg_stat_get_tuples_hot_updated('{}'::regclass)", partition));
  RecordProperty("heap_only", fmt::format("{}", heap_only));
  EXPECT_GE(static_cast<double>(heap_only), 0.98 * static_cast<double>(transitions));
}

/// Ends the sessions of the writer, one after the other, until told to stop.
class terminator {
 public:
  explicit terminator(const std::string& url)
      : thread_([this, url] {
          fixtures::postgres_session on(url);
          while (!stops_) {
            ended_ += static_cast<std::uint64_t>(
                on.query("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE "
                         "application_name = 'doomed' ORDER BY random() LIMIT 1")
                    .size());
          }
        }) {}
  ~terminator() { stop(); }
  terminator(const terminator&) = delete;
  terminator& operator=(const terminator&) = delete;

  void stop() {
    stops_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  [[nodiscard]] std::uint64_t ended() const { return ended_; }

 private:
  std::atomic<bool> stops_{false};
  std::atomic<std::uint64_t> ended_{0};
  std::thread thread_;
};

TEST(batch_writer_load, connections_that_end_lose_and_double_nothing) {
  writer_store store;
  batch_writer writer(store.url() + "&application_name=doomed",
                      {.backoff_initial = std::chrono::milliseconds(1)});
  terminator ending(store.url());
  std::atomic<std::uint64_t> lives{0};
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t life = 0; life < 20 || ending.ended() < 40; ++life) {
        receipt mine;
        for (std::uint64_t number = 0; number < 10; ++number) {
          const uuid id = key_in(march, thread * 10'000'000 + life * 10 + number);
          EXPECT_TRUE(writer.submit(std::vector{begins(id), happens(id, 1)}, mine));
          EXPECT_TRUE(writer.submit(std::vector{task(id, 0, task_status::running)}, mine));
          EXPECT_TRUE(writer.submit(
              std::vector{happens(id, 2), becomes(id, execution_status::failed)}, mine));
        }
        const result<void> outcome = mine.wait();
        EXPECT_TRUE(outcome) << outcome.error().what();
        lives += 10;
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  ending.stop();
  EXPECT_EQ(store.rows("execution_records"), static_cast<std::int64_t>(lives));
  EXPECT_EQ(store.rows("active_executions"), 0);
  EXPECT_EQ(store.rows("events"), static_cast<std::int64_t>(2 * lives));
  EXPECT_EQ(store.rows("task_records WHERE task = 0 AND status = 1"),
            static_cast<std::int64_t>(lives));
  EXPECT_EQ(store.wrong_counts(), 0);
  EXPECT_EQ(writer.statistics().failed, 0U);
  EXPECT_GT(writer.statistics().reconnects, 0U);
}

// The same server process that holds up a batch ends, so that the batch is repeated while the row
// which tells its fate is still held by another.
TEST(batch_writer_load, an_answer_that_does_not_come_is_asked_for_again) {
  writer_store store;
  batch_writer writer(store.url(), {.lanes = 1,
                                    .backoff_initial = std::chrono::milliseconds(1),
                                    .answer_timeout = std::chrono::milliseconds(100)});
  const uuid id = key_in(march, 1);
  ASSERT_TRUE(write(writer, {begins(id)}));
  receipt written;
  {
    pqxx::work holding(store.on());
    holding.exec("LOCK TABLE task_records IN EXCLUSIVE MODE");
    ASSERT_TRUE(
        writer.submit(std::vector{task(id, 0, task_status::running), happens(id, 1)}, written));
    ASSERT_TRUE(fixtures::eventually([&] { return writer.statistics().reconnects >= 3; }));
    EXPECT_EQ(written.outstanding(), 1U);
  }
  EXPECT_TRUE(written.wait());
  EXPECT_EQ(store.task_of(id, 0), "1 1");
  EXPECT_EQ(store.rows("events"), 1);
}

}  // namespace
}  // namespace engine::postgres
