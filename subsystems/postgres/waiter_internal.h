// Those who wait for a connection, in the order they came.
//
// Nodes belong to who waits: on the stack of a blocked thread, or on the heap for a handler. Every
// member is guarded by the mutex of the pool's core, but for `state`, which a blocked thread reads.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/futex_internal.h"
#include "subsystems/postgres/pool_slot_internal.h"

namespace engine::postgres::internal {

enum class wait_state : std::uint32_t {
  waiting,
  notified,  ///< a connection came back: to be taken by who comes first
  granted,   ///< `slot` is busy, and the waiter's
  failed,    ///< for `reason`
};

/// A connection that was lent to someone.
struct taken_slot {
  pool_slot* slot = nullptr;
  /// It was idle for long: to be looked at.
  bool rested = false;
};

struct waiter {
  waiter* next = nullptr;
  waiter* previous = nullptr;
  steady_time since{};
  steady_time deadline{};
  const char* holder = nullptr;
  bool is_queued = false;
  /// A handler, to be called; otherwise a thread, to be woken.
  bool is_handler = false;
  taken_slot taken;
  errc reason{};
  futex_word state{static_cast<std::uint32_t>(wait_state::waiting)};

  void set(wait_state to) {
    state.store(static_cast<std::uint32_t>(to), std::memory_order_release);
  }
  [[nodiscard]] wait_state get() const {
    return static_cast<wait_state>(state.load(std::memory_order_acquire));
  }
};

/// A waiter whose end is a call. Destroyed by finish(), or after it.
struct handler_waiter : waiter {
  handler_waiter() { is_handler = true; }
  handler_waiter(const handler_waiter&) = delete;
  handler_waiter& operator=(const handler_waiter&) = delete;

  /// `taken` or `reason` is set, and the node in no queue. Called once, without locks.
  virtual void finish() noexcept = 0;

 protected:
  ~handler_waiter() = default;
};

class waiter_queue {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  [[nodiscard]] waiter* front() const { return first_; }

  void push(waiter& added) {
    added.previous = last_;
    added.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &added;
    last_ = &added;
    added.is_queued = true;
  }

  void remove(waiter& removed) {
    (removed.previous != nullptr ? removed.previous->next : first_) = removed.next;
    (removed.next != nullptr ? removed.next->previous : last_) = removed.previous;
    removed.is_queued = false;
  }

 private:
  waiter* first_ = nullptr;
  waiter* last_ = nullptr;
};

/// Whom to tell once the mutex is released: declare it before the lock.
class wake_list {
 public:
  wake_list() = default;
  wake_list(const wake_list&) = delete;
  wake_list& operator=(const wake_list&) = delete;
  ~wake_list() { deliver(); }

  /// REQUIRES: its state is set, and it is in no queue or merely notified. A blocked thread may go
  /// on, and take the node with it, at any time.
  void add_thread(const futex_word& state) {
    if (threads_ == addresses_.size()) {
      wake_threads();
    }
    addresses_[threads_++] = &state;
  }
  void add_handler(handler_waiter& done) {
    done.next = handlers_;
    handlers_ = &done;
  }

  void deliver() {
    wake_threads();
    while (handlers_ != nullptr) {
      auto* const first = static_cast<handler_waiter*>(handlers_);
      handlers_ = first->next;
      first->finish();
    }
  }

 private:
  void wake_threads() {
    for (; threads_ > 0; --threads_) {
      futex_wake(addresses_[threads_ - 1]);
    }
  }

  std::array<const futex_word*, 8> addresses_;
  std::size_t threads_ = 0;
  waiter* handlers_ = nullptr;
};

}  // namespace engine::postgres::internal
