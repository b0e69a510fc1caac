// The thread that watches time.
#include <algorithm>

#include "subsystems/postgres/pool_core_internal.h"

namespace engine::postgres::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Often enough that what lasts `shortest` is seen when it is a quarter longer.
nanoseconds period_of(const connection_pool_options& chosen) {
  constexpr milliseconds longest{250};
  constexpr milliseconds shortest{1};
  nanoseconds period = longest;
  for (const milliseconds each : {chosen.look_after_idle, chosen.validate_after_idle,
                                  chosen.idle_timeout, chosen.lifetime_max, chosen.leak_after}) {
    if (each.count() > 0) {
      period = std::min<nanoseconds>(period, each / 4);
    }
  }
  return std::max<nanoseconds>(period, shortest);
}

bool has_passed(milliseconds limit, nanoseconds time) { return limit.count() > 0 && time >= limit; }

}  // namespace

void pool_core::run_keeper() {
  const nanoseconds period = period_of(options_);
  std::vector<leak> leaks;
  while (!stopping_.load(std::memory_order_acquire)) {
    const std::uint32_t heard = keeper_bell_.rings();
    steady_time next;
    {
      wake_list wakes;
      const std::lock_guard lock(mutex_);
      const steady_time now = std::chrono::steady_clock::now();
      next = std::min(now + period, keep(now, leaks, wakes));
      keeper_wakes_ = next;
    }
    if (options_.on_leak) {
      for (const leak& each : leaks) {
        options_.on_leak({each.holder == nullptr ? "" : each.holder,
                          std::chrono::duration_cast<milliseconds>(each.held_for)});
      }
    }
    leaks.clear();
    keeper_bell_.wait(heard, next);
  }
}

// Returns when it must look again.
steady_time pool_core::keep(steady_time now, std::vector<leak>& leaks, wake_list& wakes) {
  constexpr std::chrono::microseconds settling{50};
  observe(now, &leaks);
  for (pool_slot& slot : slots_) {
    keep_slot(slot, now);
  }
  if (checked_ != nullptr && now >= checked_until_) {
    source_->hang_up(checked_);
  }
  steady_time next = steady_time::max();
  for (waiter* each = queue_.front(); each != nullptr;) {
    waiter* const following = each->next;
    if (each->is_handler && each->deadline <= now) {
      fail_wait(*each, errc::pool_timeout, wakes);
    } else if (each->is_handler) {
      next = std::min(next, each->deadline);
    }
    each = following;
  }
  unsettled_ = false;
  serve(wakes);
  if (unsettled_) {
    next = std::min(next, now + settling);
  }
  // Nobody has waited for a while: returns need no fence.
  if (counted_.waits == waits_before_ && has_heavy_fence() && !closed_) {
    demand.fetch_and(queue_.empty() ? ~demand_fenced : ~std::uint32_t{0},
                     std::memory_order_relaxed);
  }
  waits_before_ = counted_.waits;
  return next;
}

// Nobody reads the clock to lend a connection. Instead, what did not change between two looks has
// lasted at least since the first.
void pool_core::observe(steady_time now, std::vector<leak>* leaks) {
  for (const pool_slot& slot : slots_) {
    const bool lent = is_lent(slot.state.load(std::memory_order_relaxed));
    const std::uint64_t seen = slot.checkouts.load(std::memory_order_relaxed) * 2 + (lent ? 1 : 0);
    record& of = record_of(slot);
    if (seen != of.seen) {
      of.seen = seen;
      of.since = now;
      of.leak_reported = false;
      continue;
    }
    if (!lent) {
      continue;
    }
    const nanoseconds held = now - of.since;
    counted_.longest_lease = std::max(counted_.longest_lease, held);
    if (leaks != nullptr && !of.leak_reported && has_passed(options_.leak_after, held)) {
      of.leak_reported = true;
      ++counted_.leaks;
      leaks->push_back({slot.holder.load(std::memory_order_relaxed), held});
    }
  }
}

void pool_core::keep_slot(pool_slot& slot, steady_time now) {
  const slot_state state = slot.state.load(std::memory_order_relaxed);
  const record& of = record_of(slot);
  if (state == slot_state::busy) {
    if (now >= of.expires) {
      slot.retire.store(true, std::memory_order_relaxed);
    }
    return;
  }
  if (!is_free(state)) {
    return;
  }
  if (slot.checkouts.load(std::memory_order_relaxed) > of.checkouts_at_open) {
    early_deaths_ = 0;
  }
  const nanoseconds idle = now - of.since;
  const nanoseconds unproven = now - std::max(of.since, of.validated);
  if (now >= of.expires ||
      (has_passed(options_.idle_timeout, idle) && size_ - doomed_ > options_.size_min)) {
    if (slot.change(state, slot_state::doomed)) {
      ++counted_.expired;
      ++doomed_;
      opener_bell_.ring();
    }
    return;
  }
  if (state == slot_state::idle && has_passed(options_.look_after_idle, unproven)) {
    slot.change(state, slot_state::rested);
  }
  if (checked_ == nullptr && is_doubtful(slot, now)) {
    opener_bell_.ring();
  }
}

// Whether it is free, has been since before the keeper looked last, and has been too long without a
// sign of life.
bool pool_core::is_doubtful(const pool_slot& slot, steady_time now) {
  const record& of = record_of(slot);
  return is_free(slot.state.load(std::memory_order_relaxed)) &&
         of.seen == slot.checkouts.load(std::memory_order_relaxed) * 2 &&
         has_passed(options_.validate_after_idle, now - std::max(of.since, of.validated));
}

}  // namespace engine::postgres::internal
