// Who waits: in which order, for how long, and what ends it.
#include <atomic>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class pool_waiting : public ::testing::Test {
 protected:
  stub_pool open(connection_pool_options chosen) {
    return stub_pool::open({shared}, std::move(chosen)).value();
  }

  /// Threads that wait, in this order, and note in which they were served.
  void queue_up(stub_pool& pool, int count) {
    for (int at = 0; at < count; ++at) {
      const auto before = pool.statistics().waiters;
      waiters.emplace_back([this, &pool, at] {
        const stub_lease held = must_checkout(pool);
        const std::lock_guard lock(mutex);
        order.push_back(at);
      });
      ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == before + 1; }));
    }
  }

  std::shared_ptr<world> shared = std::make_shared<world>();
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::jthread> waiters;
};

TEST_F(pool_waiting, who_has_waited_for_long_is_served_in_order) {
  stub_pool pool = open({.size_max = 1});
  stub_lease held = must_checkout(pool);
  queue_up(pool, 6);
  poll(nullptr, 0, 5);
  held.release();
  waiters.clear();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4, 5}));
  EXPECT_GE(pool.statistics().hand_offs, 1U);
  EXPECT_GE(pool.statistics().longest_wait, 5ms);
}

// Whoever gives back and asks again at once comes after who has waited for a millisecond.
TEST_F(pool_waiting, nobody_overtakes_after_a_millisecond) {
  for (int round = 0; round < 20; ++round) {
    stub_pool pool = open({.size_max = 1});
    stub_lease held = must_checkout(pool);
    std::atomic<bool> served{false};
    std::jthread waiting([&] {
      const stub_lease got = must_checkout(pool);
      served = true;
    });
    ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 1; }));
    poll(nullptr, 0, 10);
    held.release();
    const stub_lease again = must_checkout(pool);
    EXPECT_TRUE(served);
  }
}

TEST_F(pool_waiting, before_that_who_comes_first_is_served) {
  stub_pool pool = open({.size_max = 1, .hand_off_after = 10s});
  stub_lease held = must_checkout(pool);
  queue_up(pool, 1);
  int overtook = 0;
  for (int round = 0; round < 100 && pool.statistics().waiters == 1; ++round) {
    held.release();
    result<stub_lease> again = pool.checkout(0ms);
    if (again) {
      ++overtook;
      held = std::move(*again);
    }
  }
  EXPECT_GE(overtook, 1);
  held.release();
  waiters.clear();
  EXPECT_EQ(order.size(), 1U);
}

TEST_F(pool_waiting, ends_soon_after_the_deadline_and_never_before) {
  stub_pool pool = open({.size_max = 1});
  const stub_lease held = must_checkout(pool);
  for (const auto timeout : {100us, 999us, 1'000us, 1'001us, 5'000us, 30'000us}) {
    const auto deadline = clock::now() + timeout;
    EXPECT_EQ(code_of_failure(pool.checkout(deadline)), errc::pool_timeout);
    EXPECT_GE(clock::now(), deadline);
    EXPECT_LT(clock::now(), deadline + 2s);
  }
  EXPECT_EQ(pool.statistics().timeouts, 6U);
  EXPECT_EQ(pool.statistics().waiters, 0U);
}

TEST_F(pool_waiting, who_gives_up_does_not_keep_the_others_waiting) {
  stub_pool pool = open({.size_max = 1});
  stub_lease held = must_checkout(pool);
  std::jthread gives_up(
      [&] { EXPECT_EQ(code_of_failure(pool.checkout(20ms)), errc::pool_timeout); });
  ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 1; }));
  queue_up(pool, 1);
  gives_up.join();
  held.release();
  waiters.clear();
  EXPECT_EQ(order.size(), 1U);
}

TEST_F(pool_waiting, is_cancelled_by_a_stop_token) {
  stub_pool pool = open({.size_max = 1});
  const stub_lease held = must_checkout(pool);
  for (const auto after : {0ms, 3ms}) {
    std::stop_source stop;
    std::jthread waiting([&] {
      const result<stub_lease> outcome = pool.checkout(clock::now() + 30s, stop.get_token());
      EXPECT_EQ(code_of_failure(outcome), errc::cancelled);
      EXPECT_NE(failure_of(outcome).find("cancelled"), std::string::npos);
    });
    ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 1; }));
    poll(nullptr, 0, static_cast<int>(after.count()));
    stop.request_stop();
  }
  std::stop_source before;
  before.request_stop();
  EXPECT_EQ(code_of_failure(pool.checkout(clock::now() + 30s, before.get_token())),
            errc::cancelled);
  EXPECT_EQ(pool.statistics().cancelled, 3U);
  EXPECT_EQ(pool.statistics().waiters, 0U);
}

TEST_F(pool_waiting, a_stop_does_not_matter_to_who_need_not_wait) {
  stub_pool pool = open({.size_max = 1});
  { const stub_lease held = must_checkout(pool); }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(pool.checkout(clock::now() + 1s, stop.get_token()));
}

TEST_F(pool_waiting, closing_wakes_all_and_refuses_the_next) {
  stub_pool pool = open({.size_max = 2});
  stub_lease held = must_checkout(pool);
  const stub_lease other = must_checkout(pool);
  std::atomic<int> woken{0};
  std::vector<std::jthread> waiting;
  waiting.reserve(4);
  for (int at = 0; at < 4; ++at) {
    waiting.emplace_back([&] {
      EXPECT_EQ(code_of_failure(pool.checkout(30s)), errc::pool_closed);
      ++woken;
    });
  }
  ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 4; }));
  pool.close();
  pool.close();
  waiting.clear();
  EXPECT_EQ(woken, 4);
  EXPECT_EQ(code_of_failure(pool.checkout(30s)), errc::pool_closed);
  EXPECT_EQ(code_of_failure(pool.checkout(0s)), errc::pool_closed);
  EXPECT_EQ(shared->open(), 2);
  held.release();
  EXPECT_EQ(shared->open(), 1);
  EXPECT_EQ(code_of_failure(pool.checkout(30s)), errc::pool_closed);
}

TEST_F(pool_waiting, a_new_connection_goes_to_who_waits) {
  shared->stalls = true;
  stub_pool pool = open({.size_max = 1});
  queue_up(pool, 2);
  shared->stalls = false;
  waiters.clear();
  EXPECT_EQ(order.size(), 2U);
  EXPECT_EQ(shared->open(), 1);
}

TEST_F(pool_waiting, connecting_does_not_hold_up_who_could_be_served) {
  stub_pool pool = open({.size_max = 2, .connect_timeout = 20s});
  stub_lease held = must_checkout(pool);
  shared->stalls = true;
  queue_up(pool, 1);
  held.release();
  waiters.clear();
  EXPECT_EQ(order.size(), 1U);
  shared->stalls = false;
}

}  // namespace
}  // namespace engine::postgres
