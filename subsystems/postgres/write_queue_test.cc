#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/postgres/write_queue_internal.h"

namespace engine::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t much = 1'000'000;

steady_clock::time_point in_a_minute() { return steady_clock::now() + std::chrono::minutes(1); }

change event_of(std::string_view kind, std::string_view detail = {}) {
  return event{.execution_id = {}, .kind = kind, .at = {}, .detail = detail};
}

errc push_one(write_queue& to, receipt& with, const change& what,
              steady_clock::time_point deadline = steady_clock::now()) {
  const result<void> pushed = to.push({&what, 1}, with, deadline);
  return pushed ? errc{} : pushed.error().code;
}

TEST(write_queue, gives_writes_in_order) {
  write_queue queue({much, much});
  receipt to;
  const std::vector<change> both{event_of("a"), event_of("b")};
  ASSERT_TRUE(queue.push(both, to, in_a_minute()));
  ASSERT_EQ(push_one(queue, to, event_of("c")), errc{});
  EXPECT_EQ(queue.waiting(), 3U);
  auto taken = std::make_unique<pending_writes>();
  ASSERT_TRUE(queue.take(taken));
  ASSERT_EQ(taken->writes().size(), 2U);
  EXPECT_EQ(taken->changes_of(taken->writes()[0]).size(), 2U);
  EXPECT_EQ(std::get<event>(taken->changes_of(taken->writes()[1])[0]).kind, "c");
  EXPECT_EQ(queue.waiting(), 3U);
  queue.release();
  EXPECT_EQ(queue.waiting(), 0U);
  EXPECT_EQ(to.outstanding(), 2U);
}

TEST(write_queue, copies_what_changes_refer_to) {
  write_queue queue({much, much});
  receipt to;
  {
    std::string texts[] = {"input of one", "task zero", "task one", "name",
                           "attributes",   "kind",      "detail",   "outcome"};
    const std::vector<std::string_view> tasks{texts[1], texts[2]};
    const std::vector<change> changes{
        new_execution{.id = {}, .workflow_id = {}, .input = texts[0], .tasks = tasks},
        trace_span{.execution_id = {},
                   .name = texts[3],
                   .started_at = {},
                   .finished_at = {},
                   .attributes = texts[4]},
        event_of(texts[5], texts[6]),
        execution_transition{.execution_id = {}, .at = {}, .outcome = texts[7]}};
    ASSERT_TRUE(queue.push(changes, to, in_a_minute()));
    for (std::string& text : texts) {
      text.assign(text.size(), '?');
    }
  }
  auto taken = std::make_unique<pending_writes>();
  ASSERT_TRUE(queue.take(taken));
  const auto changes = taken->changes_of(taken->writes()[0]);
  const auto& begun = std::get<new_execution>(changes[0]);
  EXPECT_EQ(begun.input, "input of one");
  ASSERT_EQ(begun.tasks.size(), 2U);
  EXPECT_EQ(begun.tasks[0], "task zero");
  EXPECT_EQ(begun.tasks[1], "task one");
  EXPECT_EQ(std::get<trace_span>(changes[1]).name, "name");
  EXPECT_EQ(std::get<trace_span>(changes[1]).attributes, "attributes");
  EXPECT_EQ(std::get<event>(changes[2]).kind, "kind");
  EXPECT_EQ(std::get<event>(changes[2]).detail, "detail");
  EXPECT_EQ(std::get<execution_transition>(changes[3]).outcome, "outcome");
}

TEST(write_queue, is_bounded_by_changes_and_by_bytes) {
  struct {
    write_queue::bounds limits;
    std::string_view text;
    int fit;
  } const cases[] = {{{3, much}, "k", 3}, {{much, 10}, "12345", 2}, {{much, 9}, "12345", 1}};
  for (const auto& each : cases) {
    write_queue queue(each.limits);
    receipt to;
    for (int fits = 0; fits < each.fit; ++fits) {
      EXPECT_EQ(push_one(queue, to, event_of(each.text)), errc{}) << each.text;
    }
    EXPECT_EQ(push_one(queue, to, event_of(each.text)), errc::queue_full) << each.text;
    auto taken = std::make_unique<pending_writes>();
    ASSERT_TRUE(queue.take(taken));
    EXPECT_EQ(push_one(queue, to, event_of(each.text)), errc::queue_full) << "what is taken counts";
    taken->clear();
    queue.release();
    EXPECT_EQ(push_one(queue, to, event_of(each.text)), errc{}) << each.text;
    EXPECT_EQ(to.outstanding(), static_cast<std::uint64_t>(each.fit + 1));
  }
}

TEST(write_queue, refuses_at_once_what_never_fits) {
  write_queue queue({2, 100});
  receipt to;
  const std::vector<change> three(3, event_of("k"));
  const result<void> many = queue.push(three, to, in_a_minute());
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, errc::bad_input);
  const std::string text(101, 'x');
  EXPECT_EQ(push_one(queue, to, event_of(text), in_a_minute()), errc::bad_input);
  EXPECT_EQ(to.outstanding(), 0U);
}

TEST(write_queue, waits_for_room_until_there_is_some) {
  write_queue queue({1, much});
  receipt to;
  ASSERT_EQ(push_one(queue, to, event_of("first")), errc{});
  std::atomic<bool> done{false};
  std::thread pushing([&] {
    EXPECT_EQ(push_one(queue, to, event_of("second"), in_a_minute()), errc{});
    done = true;
  });
  auto taken = std::make_unique<pending_writes>();
  ASSERT_TRUE(queue.take(taken));
  EXPECT_FALSE(done);
  taken->clear();
  queue.release();
  ASSERT_TRUE(queue.take(taken));
  EXPECT_EQ(std::get<event>(taken->changes_of(taken->writes()[0])[0]).kind, "second");
  pushing.join();
}

TEST(write_queue, gives_up_at_the_deadline) {
  write_queue queue({1, much});
  receipt to;
  ASSERT_EQ(push_one(queue, to, event_of("first")), errc{});
  const auto begun = steady_clock::now();
  EXPECT_EQ(push_one(queue, to, event_of("second"), begun + milliseconds(20)), errc::queue_full);
  EXPECT_GE(steady_clock::now(), begun + milliseconds(20));
  EXPECT_EQ(to.outstanding(), 1U);
}

TEST(write_queue, closing_refuses_who_waits_and_lets_the_rest_be_taken) {
  write_queue queue({1, much});
  receipt to;
  ASSERT_EQ(push_one(queue, to, event_of("first")), errc{});
  std::thread waiting(
      [&] { EXPECT_EQ(push_one(queue, to, event_of("x"), in_a_minute()), errc::writer_closed); });
  queue.close();
  waiting.join();
  EXPECT_EQ(push_one(queue, to, event_of("x")), errc::writer_closed);
  auto taken = std::make_unique<pending_writes>();
  EXPECT_TRUE(queue.take(taken));
  taken->clear();
  queue.release();
  EXPECT_FALSE(queue.take(taken));
}

TEST(write_queue, closing_wakes_who_takes) {
  write_queue queue({1, much});
  std::thread taking([&queue] {
    auto taken = std::make_unique<pending_writes>();
    EXPECT_FALSE(queue.take(taken));
  });
  queue.close();
  taking.join();
}

TEST(write_queue, loses_nothing_between_threads) {
  constexpr std::size_t writes_per_thread = 5'000;
  write_queue queue({16, much});
  receipt to;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&queue, &to] {
      for (std::size_t write = 0; write < writes_per_thread; ++write) {
        EXPECT_EQ(push_one(queue, to, event_of("kind"), in_a_minute()), errc{});
      }
    });
  }
  auto taken = std::make_unique<pending_writes>();
  for (std::size_t left = 4 * writes_per_thread; left > 0;) {
    ASSERT_TRUE(queue.take(taken));
    ASSERT_LE(taken->changes(), 16U);
    left -= taken->writes().size();
    to.acknowledge(taken->writes().size());
    taken->clear();
    queue.release();
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_TRUE(to.wait());
  EXPECT_EQ(queue.waiting(), 0U);
}

}  // namespace
}  // namespace engine::postgres
