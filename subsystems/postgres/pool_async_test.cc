// The form for Asio: callbacks, coroutines, cancellation, and what becomes of handlers.
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
namespace asio = boost::asio;

/// Runs what is posted before post() returns, as threads of a context may, and notes how much work
/// was still announced when it had run.
struct eager_executor {
  struct state : asio::execution_context {
    int work = 0;
    std::optional<int> work_after_running;
  };

  [[nodiscard]] asio::execution_context& context() const noexcept { return *shared; }
  void on_work_started() const noexcept { ++shared->work; }
  void on_work_finished() const noexcept { --shared->work; }
  template <class Function, class Allocator>
  void post(Function&& posted, const Allocator&) const {
    std::forward<Function>(posted)();
    shared->work_after_running = shared->work;
  }
  template <class Function, class Allocator>
  void dispatch(Function&& posted, const Allocator& allocator) const {
    post(std::forward<Function>(posted), allocator);
  }
  template <class Function, class Allocator>
  void defer(Function&& posted, const Allocator& allocator) const {
    post(std::forward<Function>(posted), allocator);
  }

  state* shared;
};

class pool_async : public ::testing::Test {
 protected:
  stub_pool open(connection_pool_options chosen) {
    return stub_pool::open({shared}, std::move(chosen)).value();
  }

  /// A checkout whose outcome goes there, on the thread that runs the context.
  auto into(std::optional<result<stub_lease>>& outcome) {
    return asio::bind_executor(context, [this, &outcome](result<stub_lease> got) {
      EXPECT_TRUE(context.get_executor().running_in_this_thread());
      outcome = std::move(got);
    });
  }

  std::shared_ptr<world> shared = std::make_shared<world>();
  asio::io_context context;
};

TEST_F(pool_async, completes_later_on_the_handlers_executor) {
  stub_pool pool = open({.size_max = 1});
  { const stub_lease held = must_checkout(pool); }
  std::optional<result<stub_lease>> outcome;
  pool.async_checkout(clock::now() + 10s, into(outcome), "handler");
  EXPECT_FALSE(outcome);
  context.run();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(pool.statistics().in_use, 1U);
}

TEST_F(pool_async, waits_for_a_connection_that_is_opened_and_for_one_that_comes_back) {
  stub_pool pool = open({.size_max = 1});
  std::optional<result<stub_lease>> first;
  std::optional<result<stub_lease>> second;
  pool.async_checkout(clock::now() + 10s, into(first));
  pool.async_checkout(clock::now() + 10s, into(second));
  context.run_one();
  ASSERT_TRUE(first && *first);
  EXPECT_FALSE(second);
  std::thread elsewhere([&] { (*first)->release(); });
  context.run();
  elsewhere.join();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(shared->open(), 1);
}

TEST_F(pool_async, handlers_are_served_in_order) {
  stub_pool pool = open({.size_max = 1});
  stub_lease held = must_checkout(pool);
  std::vector<int> served;
  for (int at = 0; at < 5; ++at) {
    pool.async_checkout(clock::now() + 10s,
                        asio::bind_executor(context, [&, at](result<stub_lease> got) {
                          EXPECT_TRUE(got);
                          served.push_back(at);
                        }));
  }
  held.release();
  context.run();
  EXPECT_EQ(served, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(pool_async, fails_at_the_deadline_though_connecting_takes_longer) {
  shared->stalls = true;
  stub_pool pool = open({.size_max = 1, .connect_timeout = 20s});
  std::optional<result<stub_lease>> outcome;
  const auto deadline = clock::now() + 20ms;
  pool.async_checkout(deadline, into(outcome));
  context.run();
  EXPECT_GE(clock::now(), deadline);
  EXPECT_LT(clock::now(), deadline + 5s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(code_of_failure(*outcome), errc::pool_timeout);
  shared->stalls = false;
}

TEST_F(pool_async, does_not_wait_if_the_deadline_has_passed_or_too_many_do) {
  stub_pool pool = open({.size_max = 1, .waiters_max = 1});
  const stub_lease held = must_checkout(pool);
  std::optional<result<stub_lease>> late;
  std::optional<result<stub_lease>> waiting;
  std::optional<result<stub_lease>> refused;
  pool.async_checkout(clock::now(), into(late));
  pool.async_checkout(clock::now() + 20ms, into(waiting));
  pool.async_checkout(clock::now() + 10s, into(refused));
  context.run();
  EXPECT_EQ(code_of_failure(*late), errc::pool_timeout);
  EXPECT_EQ(code_of_failure(*waiting), errc::pool_timeout);
  EXPECT_EQ(code_of_failure(*refused), errc::too_many_waiters);
}

TEST_F(pool_async, is_cancelled_through_its_slot) {
  stub_pool pool = open({.size_max = 1});
  stub_lease held = must_checkout(pool);
  asio::cancellation_signal signal;
  std::optional<result<stub_lease>> outcome;
  pool.async_checkout(clock::now() + 30s,
                      asio::bind_cancellation_slot(signal.slot(), into(outcome)));
  EXPECT_EQ(pool.statistics().waiters, 1U);
  signal.emit(asio::cancellation_type::terminal);
  EXPECT_EQ(pool.statistics().waiters, 0U);
  context.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(code_of_failure(*outcome), errc::cancelled);
  signal.emit(asio::cancellation_type::terminal);  // Too late, and harmless.
}

TEST_F(pool_async, a_cancellation_after_the_grant_changes_nothing) {
  stub_pool pool = open({.size_max = 1});
  stub_lease held = must_checkout(pool);
  asio::cancellation_signal signal;
  std::optional<result<stub_lease>> outcome;
  pool.async_checkout(clock::now() + 30s,
                      asio::bind_cancellation_slot(signal.slot(), into(outcome)));
  held.release();
  signal.emit(asio::cancellation_type::terminal);
  context.run();
  ASSERT_TRUE(outcome && *outcome) << failure_of(*outcome);
}

TEST_F(pool_async, closing_ends_the_wait) {
  stub_pool pool = open({.size_max = 1});
  const stub_lease held = must_checkout(pool);
  std::optional<result<stub_lease>> outcome;
  std::optional<result<stub_lease>> next;
  pool.async_checkout(clock::now() + 30s, into(outcome));
  pool.close();
  pool.async_checkout(clock::now() + 30s, into(next));
  context.run();
  EXPECT_EQ(code_of_failure(*outcome), errc::pool_closed);
  EXPECT_EQ(code_of_failure(*next), errc::pool_closed);
}

TEST_F(pool_async, a_coroutine_waits) {
  stub_pool pool = open({.size_max = 1});
  int done = 0;
  const auto worker = [&]() -> asio::awaitable<void> {
    for (int round = 0; round < 100; ++round) {
      result<stub_lease> held =
          co_await pool.async_checkout(clock::now() + 10s, asio::use_awaitable, "coroutine");
      EXPECT_TRUE(held);
      ++(*held)->uses;
    }
    ++done;
  };
  for (int at = 0; at < 3; ++at) {
    asio::co_spawn(context, worker(), asio::detached);
  }
  context.run();
  EXPECT_EQ(done, 3);
  EXPECT_EQ(must_checkout(pool)->uses, 300);
}

TEST_F(pool_async, a_coroutine_is_cancelled_by_a_timer) {
  using asio::experimental::awaitable_operators::operator||;
  stub_pool pool = open({.size_max = 1});
  const stub_lease held = must_checkout(pool);
  bool timed_out = false;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(context, 5ms);
        const auto first = co_await (pool.async_checkout(clock::now() + 30s, asio::use_awaitable) ||
                                     timer.async_wait(asio::use_awaitable));
        timed_out = first.index() == 1;
      },
      asio::detached);
  context.run();
  EXPECT_TRUE(timed_out);
  EXPECT_EQ(pool.statistics().waiters, 0U);
}

TEST_F(pool_async, a_future_waits) {
  stub_pool pool = open({.size_max = 1});
  std::future<result<stub_lease>> got = pool.async_checkout(clock::now() + 10s, asio::use_future);
  EXPECT_TRUE(got.get());
}

TEST_F(pool_async, what_was_idle_is_looked_at_for_handlers_too) {
  stub_pool pool = open({.size_max = 1, .look_after_idle = 4ms, .validate_after_idle = 0ms});
  { const stub_lease held = must_checkout(pool); }
  poll(nullptr, 0, 50);
  shared->hangs_up = true;
  std::optional<result<stub_lease>> outcome;
  pool.async_checkout(clock::now() + 10s, into(outcome));
  context.run();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(shared->connects, 2);
}

TEST_F(pool_async, handlers_that_never_run_give_back_what_they_had) {
  stub_pool pool = open({.size_max = 1});
  {
    asio::io_context never_run;
    stub_lease held = must_checkout(pool);
    pool.async_checkout(clock::now() + 30s,
                        asio::bind_executor(never_run, [](const result<stub_lease>&) { FAIL(); }));
    held.release();
    EXPECT_EQ(pool.statistics().in_use, 1U);
  }
  EXPECT_EQ(pool.statistics().in_use, 0U);
  EXPECT_TRUE(must_checkout(pool));
}

TEST_F(pool_async, work_is_announced_until_the_handler_is_posted) {
  stub_pool pool = open({.size_max = 1});
  { const stub_lease held = must_checkout(pool); }
  eager_executor::state where;
  bool done = false;
  pool.async_checkout(clock::now() + 10s,
                      asio::bind_executor(eager_executor{&where}, [&](result<stub_lease> got) {
                        EXPECT_TRUE(got);
                        done = true;
                      }));
  EXPECT_TRUE(done);
  EXPECT_EQ(where.work_after_running, 1);
  EXPECT_EQ(where.work, 0);
}

}  // namespace
}  // namespace engine::postgres
