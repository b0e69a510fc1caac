#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "subsystems/postgres/pool_core_internal.h"
#include "subsystems/support/quote.h"

namespace engine::postgres::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

}  // namespace

// Null: what came did not work.
result<pool_slot*> pool_core::wait_blocked(steady_time deadline, const std::stop_token& stop,
                                           const char* holder) {
  waiter waiting;
  waiting.since = std::chrono::steady_clock::now();
  waiting.deadline = deadline;
  waiting.holder = holder;
  {
    wake_list wakes;
    const std::lock_guard lock(mutex_);
    if (admit(waiting)) {
      serve(wakes);
    }
  }
  if (waiting.get() == wait_state::waiting || waiting.get() == wait_state::notified) {
    const std::stop_callback on_stop(stop, [this, &waiting] { cancel(waiting); });
    sleep_until_ended(waiting);
  }
  if (waiting.get() == wait_state::failed) {
    return explain(waiting.reason, waiting.since);
  }
  const std::optional<pool_slot*> looked_at = look_at(waiting.taken);
  if (looked_at) {
    remember(number_, *looked_at);
  }
  return looked_at.value_or(nullptr);
}

void pool_core::sleep_until_ended(waiter& waiting) {
  bool is_long = options_.hand_off_after.count() == 0;
  for (;;) {
    const wait_state state = waiting.get();
    if (state == wait_state::granted || state == wait_state::failed) {
      return;
    }
    bool is_late = false;
    if (state == wait_state::waiting) {
      const steady_time until =
          is_long ? waiting.deadline
                  : std::min(waiting.deadline, waiting.since + options_.hand_off_after);
      is_late = !futex_wait(waiting.state, static_cast<std::uint32_t>(state), until);
      is_long |= is_late;
    }
    if (is_late || waiting.get() == wait_state::notified) {
      wake_up(waiting, is_late);
    }
  }
}

// A blocked thread looks after itself: it takes what came back if nobody was faster, and once it
// has waited for long sees to it that what comes back next is handed on.
void pool_core::wake_up(waiter& waiting, bool is_late) {
  wake_list wakes;
  const std::lock_guard lock(mutex_);
  if (!waiting.is_queued) {
    return;
  }
  clear_woken(waiting);
  waiting.set(wait_state::waiting);
  serve(wakes);
  if (!waiting.is_queued) {
    return;
  }
  const steady_time now = std::chrono::steady_clock::now();
  if (is_late && now >= waiting.deadline) {
    observe(now, nullptr);
    fail_wait(waiting, errc::pool_timeout, wakes);
  } else {
    update_hand_off(now);
    if (size_ < options_.size_max) {
      opener_bell_.ring();
    }
  }
  serve(wakes);
}

void pool_core::wait(handler_waiter& waiting) {
  wake_list wakes;
  const std::lock_guard lock(mutex_);
  waiting.since = std::chrono::steady_clock::now();
  if (!admit(waiting)) {
    wakes.add_handler(waiting);
    return;
  }
  serve(wakes);
  if (!queue_.empty() && waiting.deadline < keeper_wakes_) {
    keeper_bell_.ring();
  }
}

void pool_core::cancel(waiter& waiting) {
  wake_list wakes;
  const std::lock_guard lock(mutex_);
  if (waiting.is_queued) {
    fail_wait(waiting, errc::cancelled, wakes);
    serve(wakes);
  }
}

// Into the queue. False, with a reason, if there is no waiting.
bool pool_core::admit(waiter& waiting) {
  const auto refuse = [&](errc reason) {
    waiting.reason = reason;
    waiting.set(wait_state::failed);
    return false;
  };
  if (closed_) {
    return refuse(errc::pool_closed);
  }
  observe(waiting.since, nullptr);
  const bool is_impatient = waiting.deadline <= waiting.since;
  if (size_ < options_.size_max) {
    is_wanted_ |= is_impatient;
    opener_bell_.ring();
  }
  if (is_impatient) {
    ++counted_.timeouts;
    return refuse(errc::pool_timeout);
  }
  if (demand.load(std::memory_order_relaxed) / demand_one_waiter >= options_.waiters_max) {
    ++counted_.refused;
    return refuse(errc::too_many_waiters);
  }
  ++counted_.waits;
  queue_.push(waiting);
  demand.fetch_add(demand_one_waiter, std::memory_order_seq_cst);
  fence_returns();
  update_hand_off(waiting.since);
  return true;
}

// What was given back without a look at `demand` is visible after this, or `returning`.
void pool_core::fence_returns() {
  if ((demand.load(std::memory_order_relaxed) & demand_fenced) == 0) {
    demand.fetch_or(demand_fenced, std::memory_order_seq_cst);
    heavy_fence();
  }
}

// Lends what is free to those who wait, in their order. What is just being given back by someone
// who may not have seen them is free in some nanoseconds, unless he lost his processor: then the
// keeper looks again.
void pool_core::serve(wake_list& wakes) {
  constexpr int looks_max = 64;
  for (int looks = 0; !queue_.empty();) {
    bool unsettled = false;
    const taken_slot taken = scan(unsettled);
    if (taken.slot != nullptr) {
      grant(*queue_.front(), taken, wakes);
    } else if (!unsettled) {
      return;
    } else if (++looks == looks_max) {
      unsettled_ = true;
      keeper_bell_.ring();
      return;
    }
  }
}

void pool_core::grant(waiter& first, const taken_slot& taken, wake_list& wakes) {
  const steady_time now = std::chrono::steady_clock::now();
  counted_.longest_wait = std::max<nanoseconds>(counted_.longest_wait, now - first.since);
  taken.slot->holder.store(first.holder, std::memory_order_relaxed);
  first.taken = taken;
  remove(first);
  update_hand_off(now);
  if (first.is_handler) {
    wakes.add_handler(static_cast<handler_waiter&>(first));
    return;
  }
  const futex_word& state = first.state;
  first.set(wait_state::granted);
  wakes.add_thread(state);
}

void pool_core::fail_wait(waiter& failed, errc reason, wake_list& wakes) {
  const steady_time now = std::chrono::steady_clock::now();
  counted_.longest_wait = std::max<nanoseconds>(counted_.longest_wait, now - failed.since);
  counted_.timeouts += reason == errc::pool_timeout ? 1U : 0U;
  counted_.cancelled += reason == errc::cancelled ? 1U : 0U;
  failed.reason = reason;
  remove(failed);
  update_hand_off(now);
  if (failed.is_handler) {
    wakes.add_handler(static_cast<handler_waiter&>(failed));
    return;
  }
  const futex_word& state = failed.state;
  failed.set(wait_state::failed);
  wakes.add_thread(state);
}

void pool_core::remove(waiter& ended) {
  queue_.remove(ended);
  clear_woken(ended);
  demand.fetch_sub(demand_one_waiter, std::memory_order_relaxed);
}

// Whether what is given back goes to the first in the queue.
void pool_core::update_hand_off(steady_time now) {
  const waiter* const first = queue_.front();
  const bool wanted = first != nullptr && now - first->since >= options_.hand_off_after;
  const bool present = (demand.load(std::memory_order_relaxed) & demand_hand_off) != 0;
  if (wanted && !present) {
    demand.fetch_or(demand_hand_off, std::memory_order_seq_cst);
  } else if (!wanted && present) {
    demand.fetch_and(~demand_hand_off, std::memory_order_relaxed);
  }
}

// Returns that relied on this waiter to look are visible after this, or `returning`.
void pool_core::clear_woken(const waiter& was) {
  if (woken_ == &was) {
    woken_ = nullptr;
    demand.fetch_and(~demand_woken, std::memory_order_seq_cst);
  }
}

error pool_core::explain(errc reason, steady_time since) {
  const steady_time now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  std::uint32_t lent = 0;
  const pool_slot* held_longest = nullptr;
  nanoseconds longest{-1};
  for (const pool_slot& slot : slots_) {
    const slot_state state = slot.state.load(std::memory_order_relaxed);
    if (state != slot_state::busy && state != slot_state::returning) {
      continue;
    }
    ++lent;
    if (const nanoseconds held = now - record_of(slot).since; held > longest) {
      longest = held;
      held_longest = &slot;
    }
  }
  const std::uint32_t waiters = demand.load(std::memory_order_relaxed) / demand_one_waiter;
  const auto waited = std::chrono::duration_cast<milliseconds>(now - since);
  const char* const holder =
      held_longest != nullptr ? held_longest->holder.load(std::memory_order_relaxed) : nullptr;
  const std::string state = fmt::format(
      "{} of at most {} connections are lent, {} callers wait{}", lent, options_.size_max, waiters,
      held_longest == nullptr
          ? ""
          : fmt::format("; longest held by {}, for at least {} ms",
                        holder == nullptr ? "a holder without name" : support::in_quotes(holder),
                        std::chrono::duration_cast<milliseconds>(longest).count()));
  switch (reason) {
    case errc::pool_timeout:
      if (lent == 0 && last_failure_) {
        return {last_failure_->code, fmt::format("no connection after {} ms: {}", waited.count(),
                                                 last_failure_->message)};
      }
      return {reason,
              fmt::format("no connection became free within {} ms: {}", waited.count(), state)};
    case errc::too_many_waiters:
      return {reason, "too many callers wait for a connection: " + state};
    case errc::cancelled:
      return {reason,
              fmt::format("the wait for a connection was cancelled after {} ms", waited.count())};
    default:
      return {reason, "the connection pool is closed"};
  }
}

}  // namespace engine::postgres::internal
