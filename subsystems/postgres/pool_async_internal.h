// Waiting for a connection with a handler instead of a thread.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>

#include "subsystems/postgres/pool_core_internal.h"
#include "subsystems/postgres/pool_lease.h"

namespace engine::postgres::internal {

/// The connections of a connector, their type forgotten.
template <class Connector>
class source_of final : public connection_source {
 public:
  using connection_type = typename Connector::connection_type;

  explicit source_of(Connector opener) : opener_(std::move(opener)) {}

  result<void*> open(steady_time deadline) override {
    result<std::unique_ptr<connection_type>> made = opener_.connect(deadline);
    if (!made) {
      return made.error();
    }
    return made->release();
  }
  bool is_usable(void* connection) noexcept override {
    return opener_.is_usable(*static_cast<connection_type*>(connection));
  }
  bool validate(void* connection) noexcept override {
    return opener_.validate(*static_cast<connection_type*>(connection));
  }
  void hang_up(void* connection) noexcept override {
    opener_.hang_up(*static_cast<connection_type*>(connection));
  }
  void close(void* connection) noexcept override {
    const std::unique_ptr<connection_type> closed(static_cast<connection_type*>(connection));
  }

 private:
  Connector opener_;
};

/// An operation that waits. Lives on the heap, and ends on the handler's executor: there alone the
/// cancellation slot may be touched, which refers to it.
template <class Connector, class Handler>
class async_wait final : public handler_waiter {
 public:
  using lease = basic_lease<Connector>;
  using executor = boost::asio::associated_executor_t<Handler>;

  async_wait(std::shared_ptr<pool_core> core, steady_time by, holder_name name, Handler done)
      : core_(std::move(core)),
        handler_(std::move(done)),
        work_(boost::asio::get_associated_executor(handler_)) {
    deadline = by;
    holder = name.text();
  }

  /// The operation owns itself from here on.
  static void start(std::unique_ptr<async_wait> op) {
    if (pool_slot* const free = op->core_->take_free(op->holder)) {
      op->taken = {free, false};
      op.release()->finish();
      return;
    }
    enqueue(std::move(op));
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): without memory for a handler the program ends
  void finish() noexcept override {
    std::unique_ptr<async_wait> self(this);
    lease got(taken.slot);
    // Work of its own: the handler may have run, and its context be joined, before post() returns.
    const auto posting = work_;
    const auto where = posting.get_executor();
    boost::asio::post(where, [self = std::move(self), got = std::move(got)]() mutable {
      complete(std::move(self), std::move(got));
    });
  }

 private:
  static void enqueue(std::unique_ptr<async_wait> op) {
    async_wait* const waiting = op.release();
    const std::shared_ptr<pool_core> core = waiting->core_;
    if (auto slot = boost::asio::get_associated_cancellation_slot(waiting->handler_);
        slot.is_connected()) {
      slot.assign([waiting](boost::asio::cancellation_type) { waiting->core_->cancel(*waiting); });
    }
    core->wait(*waiting);
  }

  static void complete(std::unique_ptr<async_wait> self, lease got) {
    if (auto slot = boost::asio::get_associated_cancellation_slot(self->handler_);
        slot.is_connected()) {
      slot.clear();
    }
    result<lease> outcome = self->outcome_of(std::move(got));
    if (outcome && !*outcome) {  // What came did not work.
      self->taken = {};
      start(std::move(self));
      return;
    }
    Handler done = std::move(self->handler_);
    const auto work = std::move(self->work_);
    self.reset();
    std::move(done)(std::move(outcome));
  }

  result<lease> outcome_of(lease got) {
    if (!got) {
      return core_->explain(reason, since);
    }
    if (taken.rested) {
      pool_slot* const slot = got.detach();
      return core_->look_at({slot, true}) ? lease(slot) : lease();
    }
    return got;
  }

  std::shared_ptr<pool_core> core_;
  Handler handler_;
  boost::asio::executor_work_guard<executor> work_;
};

template <class Connector, class Handler>
void start_async_checkout(std::shared_ptr<pool_core> core, steady_time deadline, holder_name holder,
                          Handler handler) {
  using operation = async_wait<Connector, Handler>;
  operation::start(
      std::make_unique<operation>(std::move(core), deadline, holder, std::move(handler)));
}

}  // namespace engine::postgres::internal
