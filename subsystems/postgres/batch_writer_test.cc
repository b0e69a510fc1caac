#include "subsystems/postgres/batch_writer.h"

#include <atomic>
#include <future>
#include <pqxx/transaction>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/postgres/hostile_texts_test_support.h"
#include "subsystems/postgres/writer_test_support.h"

namespace engine::postgres {
namespace {

using testing::at;
using testing::becomes;
using testing::begins;
using testing::happens;
using testing::march;
using testing::spans;
using testing::task;
using testing::workflow;
using testing::write;
using testing::writer_store;

TEST(batch_writer, every_change_is_stored_as_given) {
  writer_store store;
  const uuid id = key_in(march, 1);
  batch_writer writer(store.url());
  ASSERT_TRUE(write(writer, {begins(id, testing::three_names, R"({"a" : 1})")}));
  EXPECT_EQ(store.execution(id), "active 0");
  ASSERT_TRUE(write(writer, {becomes(id, execution_status::running, 1)}));
  ASSERT_TRUE(write(writer, {task(id, 0, task_status::running, 2)}));
  ASSERT_TRUE(write(writer, {task(id, 0, task_status::failed, 3, 2), spans(id, 4, "span", "[4]"),
                             happens(id, 5, "began", "{}")}));
  EXPECT_EQ(store.execution(id), "active 1");
  ASSERT_TRUE(write(writer, {becomes(id, execution_status::failed, 6, "\"why\"")}));
  EXPECT_EQ(store.text("SELECT format('%s %s %s %s %s %s %s', id, workflow_id, tenant_id, "
                       "workflow_version, status, input, outcome) FROM execution_records"),
            fmt::format("{} {} 7 1 3 {{\"a\" : 1}} \"why\"", id.text(), workflow.text()));
  EXPECT_EQ(store.text("SELECT started_at || ' ' || finished_at FROM execution_records"),
            "2024-03-01 00:00:01+00 2024-03-01 00:00:06+00");
  EXPECT_EQ(
      store.text("SELECT string_agg(format('%s %s %s %s %s %s', task, status, attempt, name, "
                 "started_at, finished_at), '|' ORDER BY task) FROM task_records"),
      "0 3 2 build 2024-03-01 00:00:02+00 2024-03-01 00:00:03+00|1 0 0 test  |2 0 0 deploy  ");
  EXPECT_EQ(
      store.text("SELECT format('%s %s %s %s %s %s %s', span, parent, task, name, started_at, "
                 "finished_at, attributes) FROM trace_spans"),
      "4 -1 -1 span 2024-03-01 00:00:01+00 2024-03-01 00:00:02+00 [4]");
  EXPECT_EQ(store.text("SELECT format('%s %s %s %s', sequence, kind, at, detail) FROM events"),
            "5 began 2024-03-01 00:00:01+00 {}");
  EXPECT_EQ(store.wrong_counts(), 0);
}

TEST(batch_writer, every_text_is_stored_as_given) {
  writer_store store;
  batch_writer writer(store.url());
  std::uint64_t number = 0;
  std::vector<std::string> texts = hostile_texts();
  texts.emplace_back();  // No name, but a document.
  for (const std::string& text : texts) {
    const uuid id = key_in(march, ++number);
    const std::string json = json_string_of(text);
    const std::string name = text.empty() ? "name" : text;
    const std::vector<std::string_view> names{name};
    // Those that go by COPY and, in a second write, those that go as parameters.
    ASSERT_TRUE(write(
        writer, {begins(id, names, json), spans(id, 1, name, json), happens(id, 1, name, json)}));
    ASSERT_TRUE(write(writer, {becomes(id, execution_status::succeeded, 1, json)}));
    pqxx::nontransaction work(store.on());
    const pqxx::result row = work.exec_params(
        "SELECT t.name, s.name, e.kind, r.input, s.attributes, e.detail, r.outcome "
        "FROM task_records t, trace_spans s, events e, execution_records r WHERE r.id = $1 AND "
        "t.execution_id = r.id AND s.execution_id = r.id AND e.execution_id = r.id",
        id.text());
    ASSERT_EQ(row.size(), 1U) << text;
    for (int column = 0; column < 7; ++column) {
      EXPECT_EQ(row[0][column].c_str(), column < 3 ? name : json) << column;
    }
  }
}

TEST(batch_writer, large_documents_pass) {
  writer_store store;
  batch_writer writer(store.url());
  const uuid id = key_in(march, 1);
  std::string text;
  text.resize(20'000'000, 'x');
  const std::string large = json_string_of(text);
  ASSERT_TRUE(write(writer, {begins(id, testing::three_names, large)}));
  ASSERT_TRUE(write(writer, {becomes(id, execution_status::failed, 1, large)}));
  EXPECT_EQ(store.number("SELECT length(input::text) + length(outcome::text) "
                         "FROM execution_records"),
            2 * static_cast<std::int64_t>(large.size()));
}

TEST(batch_writer, writes_of_an_execution_keep_their_order) {
  writer_store store;
  constexpr std::uint64_t executions = 50;
  constexpr int rounds = 20;
  // Small batches, so that the changes of one task are spread over several.
  batch_writer writer(store.url(), {.batch_changes_max = 7});
  receipt written;
  for (std::uint64_t number = 0; number < executions; ++number) {
    ASSERT_TRUE(writer.submit(std::vector{begins(key_in(march, number))}, written));
  }
  for (int round = 1; round <= rounds; ++round) {
    for (std::uint64_t number = 0; number < executions; ++number) {
      const auto status = round % 2 == 0 ? task_status::failed : task_status::running;
      const change made =
          task(key_in(march, number), 1, status, round, static_cast<std::int16_t>(round));
      ASSERT_TRUE(writer.submit({&made, 1}, written));
    }
  }
  ASSERT_TRUE(written.wait());
  EXPECT_EQ(store.number(fmt::format(
                "SELECT count(*) FROM task_records WHERE task = 1 AND status = 3 AND attempt = {0} "
                "AND finished_at = '2024-03-01 UTC'::timestamptz + {0} * interval '1 second' "
                "AND started_at = finished_at - interval '1 second'",
                rounds)),
            static_cast<std::int64_t>(executions));
  EXPECT_EQ(writer.statistics().writes, executions * (rounds + 1));
}

TEST(batch_writer, many_threads_write_whole_lives) {
  writer_store store;
  constexpr std::uint64_t lives_per_thread = 300;
  constexpr std::uint64_t thread_count = 8;
  batch_writer writer(store.url(), {.queue_changes_max = 500});
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < thread_count; ++thread) {
    threads.emplace_back([&writer, thread] {
      receipt mine;
      for (std::uint64_t life = 0; life < lives_per_thread; ++life) {
        const uuid id = key_in(march, thread * lives_per_thread + life);
        const std::vector<change> birth{begins(id), happens(id, 0)};
        EXPECT_TRUE(writer.submit(birth, mine));
        const std::vector<change> steps{task(id, 0, task_status::running, 1),
                                        task(id, 0, task_status::succeeded, 2), happens(id, 1)};
        EXPECT_TRUE(writer.submit_each(steps, mine));
        const change end =
            becomes(id, life % 3 == 0 ? execution_status::failed : execution_status::succeeded, 3);
        EXPECT_TRUE(writer.submit({&end, 1}, mine));
      }
      EXPECT_TRUE(mine.wait());
      EXPECT_EQ(mine.failed(), 0U);
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  constexpr auto lives = static_cast<std::int64_t>(lives_per_thread * thread_count);
  EXPECT_EQ(store.rows("active_executions"), 0);
  EXPECT_EQ(store.rows("execution_records"), lives);
  EXPECT_EQ(store.rows("task_records WHERE task = 0 AND status = 2"), lives);
  EXPECT_EQ(store.rows("events"), 2 * lives);
  EXPECT_EQ(store.wrong_counts(), 0);
  const writer_statistics figures = writer.statistics();
  EXPECT_EQ(figures.writes, static_cast<std::uint64_t>(5 * lives));
  EXPECT_EQ(figures.changes, static_cast<std::uint64_t>(6 * lives));
  EXPECT_EQ(figures.failed, 0U);
  EXPECT_EQ(figures.waiting, 0U);
}

TEST(batch_writer, nothing_is_acknowledged_before_others_can_see_it) {
  writer_store store;
  batch_writer writer(store.url());
  for (std::uint64_t number = 0; number < 100; ++number) {
    ASSERT_TRUE(write(writer, {begins(key_in(march, number))}));
    ASSERT_EQ(store.rows("active_executions"), static_cast<std::int64_t>(number + 1));
  }
}

TEST(batch_writer, submitting_waits_for_room_and_gives_up) {
  writer_store store;
  batch_writer writer(
      store.url(),
      {.lanes = 1, .queue_changes_max = 2, .room_timeout = std::chrono::milliseconds(30)});
  const uuid id = key_in(march, 1);
  ASSERT_TRUE(write(writer, {begins(id)}));
  receipt written;
  const change made = task(id, 0, task_status::running);
  {
    pqxx::work holding(store.on());
    holding.exec("LOCK TABLE task_records IN EXCLUSIVE MODE");
    EXPECT_TRUE(writer.submit({&made, 1}, written));
    EXPECT_TRUE(writer.submit({&made, 1}, written));
    const result<void> full = writer.submit({&made, 1}, written);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, errc::queue_full);
    EXPECT_EQ(written.outstanding(), 2U);
    std::size_t accepted = 9;
    EXPECT_FALSE(writer.submit_each(std::vector{made, made}, written, &accepted));
    EXPECT_EQ(accepted, 0U);
    const result<void> early = written.wait_until(std::chrono::steady_clock::now());
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, errc::write_timeout);
  }
  EXPECT_TRUE(written.wait());
  EXPECT_TRUE(write(writer, {made}));
}

TEST(batch_writer, a_receipt_calls_back) {
  writer_store store;
  batch_writer writer(store.url());
  std::promise<void> called;
  receipt to([&called] { called.set_value(); });
  const std::vector<change> both{begins(key_in(march, 1)), happens(key_in(march, 1), 1)};
  ASSERT_TRUE(writer.submit(both, to));
  called.get_future().wait();
  EXPECT_EQ(store.execution(key_in(march, 1)), "active 0");
}

TEST(batch_writer, closing_writes_what_waits) {
  writer_store store;
  receipt written;
  constexpr std::uint64_t executions = 5'000;
  batch_writer writer(store.url());
  for (std::uint64_t number = 0; number < executions; ++number) {
    const change made = begins(key_in(march, number));
    ASSERT_TRUE(writer.submit({&made, 1}, written));
  }
  std::thread other([&writer] { writer.close(); });
  writer.close();
  other.join();
  EXPECT_EQ(written.outstanding(), 0U);
  EXPECT_TRUE(written.wait());
  EXPECT_EQ(store.rows("active_executions"), static_cast<std::int64_t>(executions));
  EXPECT_EQ(store.rows("writer_lanes"), 0);
  const change late = begins(key_in(march, executions));
  const result<void> refused = writer.submit({&late, 1}, written);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::writer_closed);
  EXPECT_EQ(written.outstanding(), 0U);
  writer.close();
}

TEST(batch_writer, closing_while_others_submit_settles_all_that_was_taken) {
  writer_store store;
  batch_writer writer(store.url());
  std::atomic<std::int64_t> accepted{0};
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&writer, &accepted, thread] {
      receipt mine;
      for (std::uint64_t number = 0;; ++number) {
        const change made = begins(key_in(march, thread * 1'000'000 + number));
        const result<void> taken = writer.submit({&made, 1}, mine);
        if (!taken) {
          EXPECT_EQ(taken.error().code, errc::writer_closed);
          break;
        }
        ++accepted;
      }
      EXPECT_TRUE(mine.wait());
    });
  }
  while (accepted < 1'000) {
    std::this_thread::yield();
  }
  writer.close();
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(store.rows("active_executions"), accepted);
}

}  // namespace
}  // namespace engine::postgres
