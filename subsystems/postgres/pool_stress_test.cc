// Many threads and handlers on few connections: nothing is lent twice, no wake-up is lost, nobody
// starves, everything comes back.
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "fixtures/random.h"
#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

// Long enough that a lost wake-up shows as a timeout, and no test waits for it otherwise.
constexpr auto stress_patience = 60s;

class pool_stress : public ::testing::Test {
 protected:
  stub_pool open(connection_pool_options chosen) {
    return stub_pool::open({shared}, std::move(chosen)).value();
  }

  void use(stub_lease& held) {
    EXPECT_EQ(held->holders.fetch_add(1, std::memory_order_relaxed), 0) << "lent twice";
    ++held->uses;
    held->holders.fetch_sub(1, std::memory_order_relaxed);
  }

  // Each thread takes and gives back `rounds` times, now and then staying away or asleep in
  // between.
  void hammer(stub_pool& pool, unsigned threads, int rounds, std::uint32_t pause_every) {
    std::vector<std::thread> running;
    for (unsigned at = 0; at < threads; ++at) {
      running.emplace_back([&, at] {
        fixtures::random random(at + 1);
        for (int round = 0; round < rounds; ++round) {
          result<stub_lease> held = pool.checkout(stress_patience, "hammer");
          ASSERT_TRUE(held) << held.error().what();
          use(*held);
          if (random.below(pause_every) == 0) {
            std::this_thread::yield();
          }
        }
      });
    }
    for (std::thread& each : running) {
      each.join();
    }
  }

  void expect_all_back(const stub_pool& pool, std::uint64_t checkouts) {
    const pool_statistics now = pool.statistics();
    EXPECT_EQ(now.in_use, 0U);
    EXPECT_EQ(now.waiters, 0U);
    EXPECT_EQ(now.idle, now.size);
    EXPECT_EQ(now.timeouts, 0U);
    EXPECT_GE(now.checkouts, checkouts);
  }

  std::shared_ptr<world> shared = std::make_shared<world>();
};

TEST_F(pool_stress, threads_without_and_with_waiting) {
  for (const unsigned threads : {1U, 2U, 4U, 8U, 32U}) {
    for (const std::uint32_t size : {1U, 4U}) {
      SCOPED_TRACE(::testing::Message() << threads << " threads, " << size << " connections");
      stub_pool pool = open({.size_max = size});
      const int rounds = static_cast<int>(40'000 / threads);
      hammer(pool, threads, rounds, 50);
      ASSERT_TRUE(eventually([&] { return pool.statistics().idle == pool.statistics().size; }));
      expect_all_back(pool, threads * static_cast<std::uint64_t>(rounds));
    }
  }
  EXPECT_EQ(shared->open(), 0);
}

// The pool becomes quiet between the rounds, so that returns lose their fence and regain it.
TEST_F(pool_stress, waiting_begins_again_and_again) {
  stub_pool pool = open({.size_max = 1, .leak_after = 4ms});
  for (int round = 0; round < 300; ++round) {
    hammer(pool, 3, 50, 5);
    poll(nullptr, 0, round % 4);
  }
  expect_all_back(pool, 300UL * 3 * 50);
}

TEST_F(pool_stress, hand_off_at_once_and_never) {
  for (const std::chrono::microseconds after : {0us, 1us, 1'000'000us}) {
    stub_pool pool = open({.size_max = 2, .hand_off_after = after});
    hammer(pool, 6, 5'000, 20);
    expect_all_back(pool, 6UL * 5'000);
  }
}

TEST_F(pool_stress, short_deadlines_cancellations_and_breakage) {
  stub_pool pool = open({.size_min = 1,
                         .size_max = 3,
                         .look_after_idle = 1ms,
                         .validate_after_idle = 3ms,
                         .idle_timeout = 5ms,
                         .lifetime_max = 7ms,
                         .reconnect_backoff_initial = 1ms,
                         .reconnect_backoff_max = 2ms,
                         .leak_after = 20ms});
  std::atomic<int> got{0};
  std::vector<std::jthread> running;
  for (unsigned at = 0; at < 8; ++at) {
    running.emplace_back([&, at] {
      fixtures::random random(at + 100);
      for (int round = 0; round < 3'000; ++round) {
        std::stop_source stop;
        if (random.below(20) == 0) {
          stop.request_stop();
        }
        const auto by = clock::now() + std::chrono::microseconds(random.below(500));
        result<stub_lease> held = pool.checkout(by, stop.get_token(), "impatient");
        if (!held) {
          continue;
        }
        ++got;
        use(*held);
        if (random.below(100) == 0) {
          (*held)->broken = true;
        } else if (random.below(100) == 0) {
          held->discard();
        } else if (random.below(50) == 0) {
          std::this_thread::yield();
        }
      }
    });
  }
  running.clear();
  EXPECT_GT(got, 100);
  EXPECT_EQ(pool.statistics().in_use, 0U);
  EXPECT_EQ(pool.statistics().waiters, 0U);
  EXPECT_LE(shared->open(), 3);
  // It still works.
  EXPECT_TRUE(must_checkout(pool));
}

TEST_F(pool_stress, handlers_and_threads_side_by_side) {
  stub_pool pool = open({.size_max = 2});
  boost::asio::thread_pool handlers(2);
  constexpr int wanted = 20'000;
  std::atomic<int> done{0};
  const std::function<void()> next = [&] {
    pool.async_checkout(clock::now() + stress_patience,
                        boost::asio::bind_executor(handlers, [&](result<stub_lease> held) {
                          ASSERT_TRUE(held) << held.error().what();
                          use(*held);
                          held->release();
                          if (++done < wanted) {
                            next();
                          }
                        }));
  };
  for (int chain = 0; chain < 5; ++chain) {
    next();
  }
  hammer(pool, 4, 5'000, 20);
  handlers.join();
  EXPECT_GE(done, wanted);
  expect_all_back(pool, wanted + 4 * 5'000);
}

TEST_F(pool_stress, closed_and_destroyed_under_load) {
  for (int round = 0; round < 200; ++round) {
    auto pool = std::make_unique<stub_pool>(open({.size_max = 2}));
    std::vector<std::thread> running;
    std::vector<stub_lease> kept(4);
    for (unsigned at = 0; at < 4; ++at) {
      running.emplace_back([&, at] {
        for (;;) {
          result<stub_lease> held = pool->checkout(stress_patience);
          if (!held) {
            EXPECT_EQ(held.error().code, errc::pool_closed) << held.error().what();
            return;
          }
          use(*held);
          if (at == 0 && round % 2 == 0) {
            kept[at] = std::move(*held);
          }
        }
      });
    }
    std::this_thread::yield();
    pool->close();
    for (std::thread& each : running) {
      each.join();
    }
    pool.reset();
    for (stub_lease& each : kept) {
      if (each) {
        use(each);
      }
    }
  }
  EXPECT_EQ(shared->open(), 0);
}

// Leases come back while the pool goes: whoever is last frees what they share.
TEST_F(pool_stress, returns_race_with_destruction) {
  for (int round = 0; round < 100; ++round) {
    auto pool = std::make_unique<stub_pool>(open({.size_max = 3}));
    std::vector<std::thread> running;
    running.reserve(3);
    std::atomic<int> ready{0};
    std::atomic<bool> go{false};
    for (int at = 0; at < 3; ++at) {
      running.emplace_back([&] {
        stub_lease held = must_checkout(*pool);
        ++ready;
        while (!go) {
        }
        held.release();
      });
    }
    while (ready < 3) {
      std::this_thread::yield();
    }
    go = true;
    pool.reset();
    for (std::thread& each : running) {
      each.join();
    }
  }
  EXPECT_EQ(shared->open(), 0);
}

}  // namespace
}  // namespace engine::postgres
