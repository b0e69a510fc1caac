// The thread that connects, validates and closes.
#include <algorithm>
#include <utility>

#include "subsystems/postgres/backoff_internal.h"
#include "subsystems/postgres/pool_core_internal.h"

namespace engine::postgres::internal {

// Who waits for a new connection comes before those that merely look doubtful.
void pool_core::run_opener() {
  while (!stopping_.load(std::memory_order_acquire)) {
    const std::uint32_t heard = opener_bell_.rings();
    close_doomed();
    steady_time retry_at = steady_time::max();
    if (pool_slot* const empty = claim_empty(retry_at)) {
      open(*empty);
    } else if (pool_slot* const doubtful = claim_doubtful()) {
      check(*doubtful);
    } else {
      opener_bell_.wait(heard, retry_at);
    }
  }
}

void pool_core::close_doomed() {
  for (pool_slot& slot : slots_) {
    if (slot.state.load(std::memory_order_acquire) == slot_state::doomed) {
      empty_slot(slot);
    }
  }
}

// One at a time: the others can be lent meanwhile.
pool_slot* pool_core::claim_doubtful() {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return nullptr;
  }
  const steady_time now = std::chrono::steady_clock::now();
  for (pool_slot& slot : slots_) {
    if (is_doubtful(slot, now) &&
        slot.change(slot.state.load(std::memory_order_relaxed), slot_state::checking)) {
      checked_ = slot.connection;
      checked_until_ = now + options_.connect_timeout;
      return &slot;
    }
  }
  return nullptr;
}

void pool_core::check(pool_slot& slot) {
  const bool lives = source_->validate(slot.connection);
  {
    const std::lock_guard lock(mutex_);
    checked_ = nullptr;
    record_of(slot).validated = std::chrono::steady_clock::now();
    counted_.discarded += lives ? 0U : 1U;
  }
  if (lives) {
    make_available(slot);
    return;
  }
  empty_slot(slot);
  doom_doubtful();
}

// What cut one connection off while it rested has most likely cut off those that rested beside it.
void pool_core::doom_doubtful() {
  const std::lock_guard lock(mutex_);
  const steady_time now = std::chrono::steady_clock::now();
  for (pool_slot& slot : slots_) {
    if (is_doubtful(slot, now) &&
        slot.change(slot.state.load(std::memory_order_relaxed), slot_state::doomed)) {
      ++counted_.discarded;
      ++doomed_;
    }
  }
}

// Makes room, too: a slot that is closed counts until then.
void pool_core::empty_slot(pool_slot& slot) {
  source_->close(std::exchange(slot.connection, nullptr));
  slot.retire.store(false, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  doomed_ -= slot.state.load(std::memory_order_relaxed) == slot_state::doomed ? 1U : 0U;
  slot.state.store(slot_state::empty, std::memory_order_release);
  --size_;
}

// Nothing if no connection is wanted, or not before `retry_at`.
pool_slot* pool_core::claim_empty(steady_time& retry_at) {
  const std::lock_guard lock(mutex_);
  // Those who were told of a free connection, but have yet to take it, need no other.
  const auto free = static_cast<std::uint32_t>(std::count_if(
      slots_.begin(), slots_.end(),
      [](const pool_slot& slot) { return is_free(slot.state.load(std::memory_order_relaxed)); }));
  const std::uint32_t waiters = demand.load(std::memory_order_relaxed) / demand_one_waiter;
  const bool is_wanted =
      size_ < options_.size_min || (size_ < options_.size_max && (is_wanted_ || waiters > free));
  if (closed_ || !is_wanted) {
    return nullptr;
  }
  if (std::chrono::steady_clock::now() < next_attempt_) {
    retry_at = next_attempt_;
    return nullptr;
  }
  for (pool_slot& slot : slots_) {
    if (slot.state.load(std::memory_order_relaxed) == slot_state::empty) {
      slot.state.store(slot_state::opening, std::memory_order_relaxed);
      ++size_;
      is_wanted_ = false;
      return &slot;
    }
  }
  return nullptr;
}

void pool_core::open(pool_slot& slot) {
  const result<void*> made =
      source_->open(std::chrono::steady_clock::now() + options_.connect_timeout);
  {
    const std::lock_guard lock(mutex_);
    const steady_time now = std::chrono::steady_clock::now();
    if (!made) {
      ++counted_.connect_failures;
      last_failure_ = made.error();
      next_attempt_ = now + delay_after(++failures_);
      slot.state.store(slot_state::empty, std::memory_order_release);
      --size_;
      return;
    }
    ++counted_.connects;
    failures_ = 0;
    last_failure_.reset();
    record fresh;
    fresh.since = fresh.opened = fresh.validated = now;
    if (options_.lifetime_max.count() > 0) {
      fresh.expires = now + jittered(options_.lifetime_max, options_.lifetime_jitter, random());
    }
    fresh.checkouts_at_open = slot.checkouts.load(std::memory_order_relaxed);
    record_of(slot) = fresh;
    slot.connection = *made;
  }
  make_available(slot);
}

void pool_core::make_available(pool_slot& slot) {
  wake_list wakes;
  const std::lock_guard lock(mutex_);
  if (!closed_) {
    slot.state.store(slot_state::idle, std::memory_order_release);
    serve(wakes);
    return;
  }
  ++doomed_;
  slot.state.store(slot_state::doomed, std::memory_order_release);
}

std::chrono::nanoseconds pool_core::delay_after(std::uint32_t failures) {
  return jittered(
      backoff(options_.reconnect_backoff_initial, options_.reconnect_backoff_max, failures),
      options_.reconnect_jitter, random());
}

}  // namespace engine::postgres::internal
