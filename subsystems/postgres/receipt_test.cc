#include "subsystems/postgres/receipt.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

using std::chrono::steady_clock;

TEST(receipt, without_writes_is_settled) {
  receipt none;
  EXPECT_TRUE(none.wait());
  EXPECT_TRUE(none.wait_until(steady_clock::now()));
  EXPECT_EQ(none.outstanding(), 0U);
  EXPECT_TRUE(none.take_failures().empty());
}

TEST(receipt, times_out_and_can_be_waited_for_again) {
  receipt of;
  of.expect(3);
  of.acknowledge(1);
  const result<void> early = of.wait_until(steady_clock::now() + std::chrono::milliseconds(5));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, errc::write_timeout);
  EXPECT_EQ(early.error().what(), "2 writes were not acknowledged in time");
  of.acknowledge(2);
  EXPECT_TRUE(of.wait_until(steady_clock::now()));
}

TEST(receipt, gives_the_first_failure_until_they_are_taken) {
  receipt of;
  const uuid first = make_uuid();
  const uuid second = make_uuid();
  of.expect(3);
  of.fail(first, {errc::duplicate, "one"});
  of.fail(second, {errc::rejected, "two"});
  of.acknowledge(1);
  const result<void> outcome = of.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::duplicate);
  EXPECT_EQ(outcome.error().what(), "one");
  EXPECT_EQ(of.failed(), 2U);
  const std::vector<write_failure> taken = of.take_failures();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].execution_id, first);
  EXPECT_EQ(taken[1].execution_id, second);
  EXPECT_EQ(taken[1].why.code, errc::rejected);
  EXPECT_EQ(of.failed(), 0U);
  EXPECT_TRUE(of.wait());
}

TEST(receipt, keeps_a_bounded_number_of_failures) {
  receipt of;
  of.expect(receipt::failures_max + 5);
  for (std::size_t failed = 0; failed < receipt::failures_max + 5; ++failed) {
    of.fail(uuid(), {errc::rejected, "again"});
  }
  EXPECT_EQ(of.failed(), receipt::failures_max + 5);
  EXPECT_EQ(of.take_failures().size(), receipt::failures_max);
}

TEST(receipt, calls_back_each_time_that_nothing_is_left) {
  int calls = 0;
  receipt of([&calls] { ++calls; });
  of.expect(2);
  of.acknowledge(1);
  EXPECT_EQ(calls, 0);
  of.fail(uuid(), {errc::rejected, "no"});
  EXPECT_EQ(calls, 1);
  of.expect(1);
  of.acknowledge(1);
  EXPECT_EQ(calls, 2);
}

TEST(receipt, may_be_destroyed_by_whoever_waited) {
  for (int round = 0; round < 2'000; ++round) {
    std::thread settling;
    {
      receipt of;
      of.expect(1);
      settling = std::thread([&of] { of.acknowledge(1); });
      EXPECT_TRUE(of.wait());
    }
    settling.join();
  }
}

TEST(receipt, counts_over_threads) {
  constexpr int writes_per_thread = 20'000;
  std::atomic<int> calls{0};
  receipt of([&calls] { ++calls; });
  of.expect(1);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&of] {
      for (int write = 0; write < writes_per_thread; ++write) {
        of.expect(1);
        of.acknowledge(1);
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(of.outstanding(), 1U);
  EXPECT_EQ(calls, 0);
  of.acknowledge(1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace engine::postgres
