// Lending and taking back, the limits, and what is said when they are reached.
#include "subsystems/postgres/pool.h"

#include <thread>
#include <type_traits>
#include <vector>

#include "subsystems/postgres/backoff_internal.h"
#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class pool_limits : public ::testing::Test {
 protected:
  stub_pool open(connection_pool_options chosen) {
    return stub_pool::open({shared}, std::move(chosen)).value();
  }

  std::shared_ptr<world> shared = std::make_shared<world>();
};

static_assert(!std::is_copy_constructible_v<stub_lease> && !std::is_copy_assignable_v<stub_lease>);
static_assert(std::is_nothrow_move_constructible_v<stub_lease>);
static_assert(!std::is_copy_constructible_v<stub_pool> && std::is_move_constructible_v<stub_pool>);

TEST_F(pool_limits, options_out_of_range_are_refused_by_name) {
  const struct {
    connection_pool_options chosen;
    const char* named;
  } cases[] = {
      {{.size_max = 0}, "size_max"},
      {{.size_max = connection_pool_options::size_limit + 1}, "size_max"},
      {{.size_min = 3, .size_max = 2}, "size_min"},
      {{.waiters_max = connection_pool_options::waiters_limit + 1}, "waiters_max"},
      {{.hand_off_after = -1us}, "hand_off_after"},
      {{.look_after_idle = -1ms}, "look_after_idle"},
      {{.validate_after_idle = -1ms}, "validate_after_idle"},
      {{.idle_timeout = -1ms}, "idle_timeout"},
      {{.lifetime_max = -1ms}, "lifetime_max"},
      {{.lifetime_jitter = 1.5}, "jitter"},
      {{.lifetime_jitter = -0.1}, "jitter"},
      {{.connect_timeout = 0ms}, "connect_timeout"},
      {{.reconnect_backoff_initial = 0ms}, "reconnect_backoff"},
      {{.reconnect_backoff_initial = 2ms, .reconnect_backoff_max = 1ms}, "reconnect_backoff"},
      {{.reconnect_jitter = 2}, "jitter"},
      {{.leak_after = -1ms}, "leak_after"},
  };
  for (const auto& each : cases) {
    const result<stub_pool> refused = stub_pool::open({shared}, each.chosen);
    EXPECT_EQ(code_of_failure(refused), errc::bad_input) << each.named;
    EXPECT_NE(failure_of(refused).find(each.named), std::string::npos) << failure_of(refused);
  }
  EXPECT_EQ(shared->attempts, 0);
}

TEST_F(pool_limits, opens_the_minimum_unasked_and_no_more_than_the_maximum) {
  stub_pool pool = open({.size_min = 2, .size_max = 3});
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 2; }));
  std::vector<stub_lease> held;
  held.reserve(3);
  for (int at = 0; at < 3; ++at) {
    held.push_back(must_checkout(pool));
  }
  EXPECT_EQ(code_of_failure(pool.checkout(20ms)), errc::pool_timeout);
  EXPECT_EQ(shared->open(), 3);
  EXPECT_EQ(pool.statistics().size, 3U);
  EXPECT_EQ(pool.statistics().in_use, 3U);
}

TEST_F(pool_limits, a_thread_gets_back_what_it_had) {
  stub_pool pool = open({.size_max = 3});
  stub_connection* const first = &*must_checkout(pool);
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(&*must_checkout(pool), first);
  }
  EXPECT_EQ(shared->open(), 1);
  EXPECT_EQ(pool.statistics().checkouts, 101U);
}

TEST_F(pool_limits, exhaustion_names_size_waiters_and_the_longest_holder) {
  stub_pool pool = open({.size_min = 2, .size_max = 2});
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 2; }));
  const result<stub_lease> first = pool.checkout(1s, "nightly report");
  EXPECT_EQ(code_of_failure(pool.checkout(0ms)), errc{});  // Looks, so the first is known.
  const stub_lease second = must_checkout(pool);
  std::jthread waiting(
      [&] { EXPECT_EQ(code_of_failure(pool.checkout(300ms)), errc::pool_timeout); });
  ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 1; }));
  const result<stub_lease> refused = pool.checkout(50ms, "too late");
  ASSERT_EQ(code_of_failure(refused), errc::pool_timeout);
  const std::string message = failure_of(refused);
  EXPECT_NE(message.find("2 of at most 2 connections are lent"), std::string::npos) << message;
  EXPECT_NE(message.find("1 callers wait"), std::string::npos) << message;
  EXPECT_NE(message.find("\"nightly report\""), std::string::npos) << message;
  EXPECT_NE(message.find("for at least"), std::string::npos) << message;
}

TEST_F(pool_limits, a_holder_without_name_is_reported_too) {
  stub_pool pool = open({.size_max = 1});
  const stub_lease held = must_checkout(pool);
  EXPECT_NE(failure_of(pool.checkout(5ms)).find("a holder without name"), std::string::npos);
}

TEST_F(pool_limits, a_deadline_that_has_passed_takes_what_is_free_and_does_not_wait) {
  stub_pool pool = open({.size_max = 1});
  EXPECT_EQ(code_of_failure(pool.checkout(clock::now() - 1s)), errc::pool_timeout);
  // It asked for a connection all the same.
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 1; }));
  result<stub_lease> held = pool.checkout(0ms);
  ASSERT_TRUE(held);
  const auto before = clock::now();
  EXPECT_EQ(code_of_failure(pool.checkout(-1h)), errc::pool_timeout);
  EXPECT_LT(clock::now() - before, 1s);
  EXPECT_EQ(pool.statistics().waits, 0U);
  held->release();
  EXPECT_TRUE(pool.checkout(clock::duration::max()));
  EXPECT_TRUE(pool.checkout(clock::time_point::max()));
  EXPECT_TRUE(pool.checkout(clock::time_point::min()));
}

TEST_F(pool_limits, waiters_are_bounded) {
  stub_pool pool = open({.size_max = 1, .waiters_max = 2});
  stub_lease held = must_checkout(pool);
  std::vector<std::jthread> waiting;
  waiting.reserve(2);
  for (int at = 0; at < 2; ++at) {
    waiting.emplace_back([&] { EXPECT_TRUE(must_checkout(pool)); });
  }
  ASSERT_TRUE(eventually([&] { return pool.statistics().waiters == 2; }));
  const result<stub_lease> refused = pool.checkout(10s);
  EXPECT_EQ(code_of_failure(refused), errc::too_many_waiters);
  EXPECT_NE(failure_of(refused).find("2 callers wait"), std::string::npos) << failure_of(refused);
  EXPECT_EQ(pool.statistics().refused, 1U);
  held.release();
}

TEST_F(pool_limits, without_waiters_nobody_waits) {
  stub_pool pool = open({.size_min = 1, .size_max = 1, .waiters_max = 0});
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 1; }));
  const stub_lease held = must_checkout(pool);
  EXPECT_EQ(code_of_failure(pool.checkout(10s)), errc::too_many_waiters);
}

TEST_F(pool_limits, a_lease_moves_and_gives_back_once) {
  stub_pool pool = open({.size_max = 2});
  stub_lease first = must_checkout(pool);
  stub_lease moved = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(moved);
  EXPECT_EQ(pool.statistics().in_use, 1U);
  stub_lease second = must_checkout(pool);
  EXPECT_EQ(pool.statistics().in_use, 2U);
  second = std::move(moved);  // What it held goes back.
  EXPECT_EQ(pool.statistics().in_use, 1U);
  stub_lease& self = second;
  second = std::move(self);
  EXPECT_TRUE(second);
  second.release();
  second.release();
  EXPECT_FALSE(second);
  EXPECT_EQ(pool.statistics().in_use, 0U);
}

TEST_F(pool_limits, a_pool_moves) {
  stub_pool pool = open({.size_max = 1});
  { const stub_lease held = must_checkout(pool); }
  stub_pool moved = std::move(pool);
  const stub_lease held = must_checkout(moved);
  moved = open({.size_max = 1});  // Its lease lives on.
  EXPECT_EQ(held->holders, 0);
  EXPECT_TRUE(must_checkout(moved));
}

TEST_F(pool_limits, hints_of_a_pool_that_is_gone_are_not_used) {
  for (int round = 0; round < 50; ++round) {
    stub_pool pool = open({.size_max = 1});
    EXPECT_TRUE(must_checkout(pool));
  }
  EXPECT_EQ(shared->open(), 0);
}

TEST_F(pool_limits, leases_outlive_the_pool) {
  std::vector<stub_lease> held;
  {
    stub_pool pool = open({.size_max = 3});
    for (int at = 0; at < 3; ++at) {
      held.push_back(must_checkout(pool));
    }
  }
  EXPECT_EQ(shared->open(), 3);
  held[0].release();
  held[1].discard();
  held[2]->broken = true;
  EXPECT_EQ(shared->open(), 1);
  held.clear();
  EXPECT_EQ(shared->open(), 0);
}

TEST(backoff, doubles_up_to_the_maximum) {
  const struct {
    std::uint32_t failures;
    std::chrono::milliseconds expected;
  } cases[] = {{1, 20ms},    {2, 40ms},    {3, 80ms},
               {8, 2'560ms}, {9, 5'000ms}, {4'000'000'000, 5'000ms}};
  for (const auto& each : cases) {
    EXPECT_EQ(internal::backoff(20ms, 5s, each.failures), each.expected) << each.failures;
  }
  EXPECT_EQ(internal::backoff(7s, 5s, 1), 5s);
}

TEST(backoff, jitter_stays_within_its_share) {
  const struct {
    double jitter;
    double random;
    std::chrono::milliseconds expected;
  } cases[] = {{0, 0.9, 1'000ms}, {0.1, 0, 1'000ms}, {0.5, 0.5, 750ms}, {1, 0.75, 250ms}};
  for (const auto& each : cases) {
    EXPECT_EQ(internal::jittered(1s, each.jitter, each.random), each.expected)
        << each.jitter << " " << each.random;
  }
}

}  // namespace
}  // namespace engine::postgres
