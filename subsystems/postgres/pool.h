// A pool of connections: lends one, or waits for one until a deadline.
//
//     result<pool> opened = pool::open(connector("dbname=app"), {.size_max = 8});
//     result<pool::lease> lease = opened->checkout(50ms, "nightly report");
//     if (!lease) return lease.error();  // names size, waiters and the longest holder
//     pqxx::work work((*lease)->native());
//
// The lease gives the connection back when it goes out of scope.
//
// Lending and taking back costs one compare-and-swap and two stores, some 3 ns, and allocates
// nothing, as long as the calling thread finds free what it had last; neither locks nor reads a
// clock. Connections are opened, validated and closed by a thread of the pool, never by a caller;
// a second thread watches time. A connection that comes back goes to whoever asks first, so that
// none lies idle until a sleeper has woken; once someone has waited for hand_off_after, those who
// wait get them in their order.
//
// Thread-safe, but for moving, destroying and assigning. A lease belongs to one thread at a time.
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <stop_token>
#include <utility>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/pool_async_internal.h"
#include "subsystems/postgres/pool_core_internal.h"
#include "subsystems/postgres/pool_lease.h"
#include "subsystems/postgres/pool_options.h"

namespace engine::postgres {

/// What a pool needs to know of its connections. Its members are called by several threads at once,
/// each for another connection, and outside of all locks; is_open() is called at each return, and
/// makes no system call.
template <class C>
concept connector_type = std::move_constructible<C> && std::destructible<C> &&
    requires(C opener, typename C::connection_type& connection,
             const typename C::connection_type& known, std::chrono::steady_clock::time_point by) {
  /// A new connection, by the deadline.
  { opener.connect(by) } -> std::same_as<result<std::unique_ptr<typename C::connection_type>>>;
  /// False if it is known to be broken.
  { C::is_open(known) }
  noexcept->std::same_as<bool>;
  /// Looks, without a round trip, whether the other side has hung up.
  { opener.is_usable(connection) }
  noexcept->std::same_as<bool>;
  /// Asks for a sign of life.
  { opener.validate(connection) }
  noexcept->std::same_as<bool>;
  /// Makes a validate() that waits fail, on another thread.
  { opener.hang_up(connection) }
  noexcept;
};

template <connector_type Connector>
class basic_pool {
 public:
  using connection_type = typename Connector::connection_type;
  using lease = basic_lease<Connector>;
  using clock = std::chrono::steady_clock;

  /// Starts the pool's threads, which open size_min connections; waits for none of them.
  /// errc::bad_input naming the option that is out of range, or what the connector's check() says
  /// if it has one.
  [[nodiscard]] static result<basic_pool> open(Connector opener, connection_pool_options chosen) {
    if (const result<void> valid = engine::postgres::validate(chosen); !valid) {
      return valid.error();
    }
    if constexpr (requires { opener.check(); }) {
      if (const result<void> valid = opener.check(); !valid) {
        return valid.error();
      }
    }
    return basic_pool(std::move(opener), std::move(chosen));
  }

  /// A pool moved from may only be assigned to or destroyed.
  basic_pool(basic_pool&& other) noexcept = default;
  basic_pool& operator=(basic_pool&& other) noexcept {
    basic_pool moved(std::move(other));
    std::swap(core_, moved.core_);
    std::swap(number_, moved.number_);
    return *this;
  }
  basic_pool(const basic_pool&) = delete;
  basic_pool& operator=(const basic_pool&) = delete;
  /// close(), and waits for an attempt to connect or a validation that is under way, so at most
  /// connect_timeout; not for leases, which stay valid, and whose connections are closed when they
  /// come back. REQUIRES: no checkout is under way, blocked ones included: close() first, and join.
  ~basic_pool() {
    if (core_) {
      core_->stop();
    }
  }

  /// A connection that works, as far as is known. If none is free, waits until `deadline`; if that
  /// has passed, does not wait. Fails with
  ///   pool_timeout, naming how many are lent, how many wait, and who holds one longest;
  ///   connect_failed or too_many_connections, if none came because the server refused;
  ///   too_many_waiters; pool_closed; and cancelled, if `stop` is requested meanwhile.
  [[nodiscard]] result<lease> checkout(clock::time_point deadline, holder_name holder = {}) {
    return checkout(deadline, std::stop_token{}, holder);
  }
  [[nodiscard]] result<lease> checkout(clock::time_point deadline, const std::stop_token& stop,
                                       holder_name holder = {}) {
    if (internal::pool_slot* const slot = internal::take_hinted(number_, holder.text()))
        [[likely]] {
      return lease(slot);
    }
    return take(deadline, stop, holder);
  }
  /// Within `timeout` from now. Reads the clock only if none is free.
  [[nodiscard]] result<lease> checkout(clock::duration timeout, holder_name holder = {}) {
    if (internal::pool_slot* const slot = internal::take_hinted(number_, holder.text()))
        [[likely]] {
      return lease(slot);
    }
    return take_within(timeout, holder);
  }

  /// The same for Asio: completes with a result<lease>, on the executor that is associated with the
  /// handler, never before this returns. The handler's cancellation slot ends the wait with
  /// errc::cancelled; as with all of Asio, emit it where the handler runs. Never blocks. The wait
  /// counts as work of the handler's execution context, which must outlive it: join the context, or
  /// close() the pool before it goes.
  template <boost::asio::completion_token_for<void(result<lease>)> CompletionToken>
  auto async_checkout(clock::time_point deadline, CompletionToken&& token,
                      holder_name holder = {}) {
    return boost::asio::async_initiate<CompletionToken, void(result<lease>)>(
        [core = core_, deadline, holder](auto handler) {
          internal::start_async_checkout<Connector>(core, deadline, holder, std::move(handler));
        },
        token);
  }

  /// Refuses whoever comes from now on, ends all waits, both with errc::pool_closed, and closes
  /// what is idle. Leases stay valid.
  void close() { core_->close(); }

  [[nodiscard]] pool_statistics statistics() const { return core_->read(); }

 private:
  basic_pool(Connector opener, connection_pool_options chosen)
      : core_(std::make_shared<internal::pool_core>(
            std::move(chosen),
            std::make_shared<internal::source_of<Connector>>(std::move(opener)))) {
    number_ = core_->number();
    core_->start();
  }

  // Out of line, so that the short way stays short.
  [[gnu::noinline]] result<lease> take(clock::time_point deadline, const std::stop_token& stop,
                                       holder_name holder) {
    const result<internal::pool_slot*> taken = core_->take(deadline, stop, holder.text());
    if (!taken) {
      return taken.error();
    }
    return lease(*taken);
  }
  [[gnu::noinline]] result<lease> take_within(clock::duration timeout, holder_name holder) {
    return take(internal::from_now(timeout), std::stop_token{}, holder);
  }

  std::shared_ptr<internal::pool_core> core_;
  /// The core's, nearer to hand.
  std::uint64_t number_ = 0;
};

}  // namespace engine::postgres
