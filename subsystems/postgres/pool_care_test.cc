// How a pool looks after its connections: age, idleness, signs of life, breakage, leaks.
#include <mutex>
#include <thread>
#include <vector>

#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class pool_care : public ::testing::Test {
 protected:
  stub_pool open(connection_pool_options chosen) {
    return stub_pool::open({shared}, std::move(chosen)).value();
  }
  void open_all(stub_pool& pool, std::size_t count) {
    std::vector<stub_lease> held;
    while (held.size() < count) {
      held.push_back(must_checkout(pool));
    }
  }

  std::shared_ptr<world> shared = std::make_shared<world>();
};

TEST_F(pool_care, a_connection_in_use_is_never_asked_for_a_sign_of_life) {
  stub_pool pool = open({.size_max = 1});
  for (int round = 0; round < 10'000; ++round) {
    const stub_lease held = must_checkout(pool);
  }
  EXPECT_EQ(shared->validations, 0);
  EXPECT_EQ(shared->looks, 0);
}

TEST_F(pool_care, what_was_idle_is_looked_at_before_it_is_lent) {
  stub_pool pool = open({.size_max = 1, .look_after_idle = 4ms, .validate_after_idle = 0ms});
  stub_connection* const first = &*must_checkout(pool);
  poll(nullptr, 0, 50);
  EXPECT_EQ(&*must_checkout(pool), first);
  EXPECT_GE(shared->looks, 1);
  EXPECT_EQ(shared->validations, 0);
  poll(nullptr, 0, 50);
  shared->hangs_up = true;
  result<stub_lease> replaced = pool.checkout(10s);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(shared->connects, 2);
  EXPECT_EQ(pool.statistics().discarded, 1U);
}

TEST_F(pool_care, what_was_idle_for_long_is_asked_for_a_sign_of_life_in_the_background) {
  stub_pool pool = open({.size_min = 1, .size_max = 1, .validate_after_idle = 5ms});
  ASSERT_TRUE(eventually([&] { return shared->validations >= 3; }));
  EXPECT_EQ(shared->connects, 1);
  EXPECT_TRUE(must_checkout(pool));
  shared->hangs_up = true;
  ASSERT_TRUE(eventually([&] { return shared->connects >= 2; }));
  shared->hangs_up = false;
  EXPECT_TRUE(must_checkout(pool));
  EXPECT_GE(pool.statistics().discarded, 1U);
}

TEST_F(pool_care, a_connection_that_gives_no_sign_is_hung_up) {
  stub_pool pool =
      open({.size_min = 1, .size_max = 1, .validate_after_idle = 5ms, .connect_timeout = 30ms});
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 1; }));
  shared->is_mute = true;
  ASSERT_TRUE(eventually([&] { return shared->closes >= 1; }));
  shared->is_mute = false;
  EXPECT_TRUE(must_checkout(pool));
}

TEST_F(pool_care, one_is_asked_at_a_time_and_the_others_are_lent_meanwhile) {
  stub_pool pool =
      open({.size_min = 6, .size_max = 6, .validate_after_idle = 20ms, .connect_timeout = 60s});
  ASSERT_TRUE(eventually([&] { return pool.statistics().idle == 6; }));
  shared->is_mute = true;
  const int before = shared->validations;
  ASSERT_TRUE(eventually([&] { return shared->validations > before; }));
  poll(nullptr, 0, 100);
  EXPECT_LE(shared->validations, before + 2);  // The first may have been heard still.
  open_all(pool, 5);
  shared->is_mute = false;
}

TEST_F(pool_care, those_that_rested_beside_a_dead_one_are_replaced_without_being_asked) {
  stub_pool pool =
      open({.size_min = 6, .size_max = 6, .validate_after_idle = 200ms, .connect_timeout = 50ms});
  shared->is_mute = true;
  ASSERT_TRUE(eventually([&] { return shared->closes >= 6; }));
  EXPECT_LE(shared->validations, 3);  // One, if nothing is late.
  EXPECT_GE(pool.statistics().discarded, 6U);
  shared->is_mute = false;
  open_all(pool, 6);
}

TEST_F(pool_care, destruction_does_not_wait_for_a_sign_of_life) {
  const auto before = clock::now();
  {
    stub_pool pool =
        open({.size_min = 1, .size_max = 1, .validate_after_idle = 5ms, .connect_timeout = 60s});
    shared->is_mute = true;
    ASSERT_TRUE(eventually([&] { return shared->validations >= 1; }));
  }
  EXPECT_LT(clock::now() - before, 30s);
  EXPECT_EQ(shared->open(), 0);
}

TEST_F(pool_care, idle_connections_are_closed_down_to_the_minimum) {
  stub_pool pool = open({.size_min = 1, .size_max = 4, .idle_timeout = 10ms});
  open_all(pool, 4);
  ASSERT_TRUE(eventually([&] { return pool.statistics().size == 1; }));
  poll(nullptr, 0, 40);
  EXPECT_EQ(pool.statistics().size, 1U);
  EXPECT_EQ(shared->open(), 1);
  EXPECT_EQ(pool.statistics().expired, 3U);
}

TEST_F(pool_care, zero_means_never) {
  stub_pool pool = open({.size_max = 2,
                         .look_after_idle = 0ms,
                         .validate_after_idle = 0ms,
                         .idle_timeout = 0ms,
                         .lifetime_max = 0ms,
                         .leak_after = 0ms});
  open_all(pool, 2);
  const stub_lease held = must_checkout(pool);
  poll(nullptr, 0, 600);
  EXPECT_EQ(shared->open(), 2);
  EXPECT_EQ(shared->looks + shared->validations, 0);
  EXPECT_EQ(pool.statistics().leaks, 0U);
}

TEST_F(pool_care, an_old_connection_is_replaced_when_it_is_idle_or_comes_back) {
  stub_pool pool = open({.size_min = 1, .size_max = 1, .lifetime_max = 20ms});
  ASSERT_TRUE(eventually([&] { return shared->connects >= 2; }));
  stub_lease held = must_checkout(pool);
  const int before = shared->connects;
  poll(nullptr, 0, 100);
  EXPECT_EQ(shared->connects, before);
  EXPECT_EQ(shared->open(), 1);
  held.release();
  ASSERT_TRUE(eventually([&] { return shared->connects > before; }));
  EXPECT_GE(pool.statistics().expired, 2U);
  EXPECT_EQ(pool.statistics().discarded, 0U);
}

TEST_F(pool_care, a_broken_connection_is_replaced_and_counts_until_it_is_closed) {
  stub_pool pool = open({.size_max = 1});
  for (const bool by_hand : {false, true}) {
    { const stub_lease used = must_checkout(pool); }
    stub_lease held = must_checkout(pool);
    const int before = shared->connects;
    if (by_hand) {
      held.discard();
    } else {
      held->broken = true;
      held.release();
    }
    EXPECT_FALSE(held);
    const stub_lease next = must_checkout(pool);
    EXPECT_EQ(shared->connects, before + 1);
    EXPECT_EQ(shared->open(), 1);
  }
  EXPECT_EQ(pool.statistics().discarded, 2U);
}

TEST_F(pool_care, a_server_that_refuses_is_not_stormed) {
  shared->refuses = true;
  stub_pool pool = open({.size_min = 4,
                         .size_max = 8,
                         .reconnect_backoff_initial = 10ms,
                         .reconnect_backoff_max = 40ms});
  std::vector<std::jthread> waiting;
  waiting.reserve(8);
  for (int at = 0; at < 8; ++at) {
    waiting.emplace_back([&] {
      const result<stub_lease> refused = pool.checkout(300ms);
      EXPECT_EQ(code_of_failure(refused), errc::connect_failed);
      EXPECT_NE(failure_of(refused).find("nobody listens"), std::string::npos);
    });
  }
  waiting.clear();
  // At least 5 + 10 + 20 + 20 + … ms lie between the attempts.
  EXPECT_GE(shared->attempts, 4);
  EXPECT_LE(shared->attempts, 30);
  shared->refuses = false;
  EXPECT_TRUE(must_checkout(pool));
}

TEST_F(pool_care, connections_that_break_at_once_are_not_stormed_either) {
  stub_pool pool = open({.size_max = 1,
                         .reconnect_backoff_initial = 20ms,
                         .reconnect_backoff_max = 40ms,
                         .reconnect_jitter = 0});
  const auto before = clock::now();
  for (int round = 0; round < 5; ++round) {
    must_checkout(pool).discard();
  }
  EXPECT_GE(clock::now() - before, 20ms + 40ms + 40ms + 40ms);
}

TEST_F(pool_care, a_lease_that_is_out_for_long_is_reported_once_with_its_holder) {
  std::mutex mutex;
  std::vector<lease_report> reports;
  stub_pool pool =
      open({.size_max = 2, .leak_after = 20ms, .on_leak = [&](const lease_report& each) {
              const std::lock_guard lock(mutex);
              reports.push_back(each);
            }});
  result<stub_lease> named = pool.checkout(10s, "forgotten");
  ASSERT_TRUE(named);
  for (const auto end = clock::now() + 100ms; clock::now() < end;) {
    const stub_lease brief = must_checkout(pool);
  }
  ASSERT_TRUE(eventually([&] { return pool.statistics().leaks == 1; }));
  const stub_lease nameless = must_checkout(pool);
  ASSERT_TRUE(eventually([&] { return pool.statistics().leaks == 2; }));
  poll(nullptr, 0, 60);
  const std::lock_guard lock(mutex);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].holder, "forgotten");
  EXPECT_GE(reports[0].held_for, 20ms);
  EXPECT_EQ(reports[1].holder, "");
  EXPECT_GE(pool.statistics().longest_lease, 20ms);
}

}  // namespace
}  // namespace engine::postgres
