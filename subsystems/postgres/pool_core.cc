#include <utility>

#include "subsystems/postgres/pool_core_internal.h"

namespace engine::postgres::internal {

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

pool_core::pool_core(connection_pool_options chosen, std::shared_ptr<connection_source> source)
    : options_(std::move(chosen)),
      source_(std::move(source)),
      number_(next_number()),
      slots_(options_.size_max),
      records_(options_.size_max),
      random_state_(
          static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())) {
  for (pool_slot& slot : slots_) {
    slot.pool = this;
  }
  if (!has_heavy_fence()) {
    demand = demand_fenced;
  }
}

void pool_core::start() {
  keeper_ = std::thread([this] { run_keeper(); });
  opener_ = std::thread([this] { run_opener(); });
}

void pool_core::close() {
  {
    wake_list wakes;
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) {
      return;
    }
    demand.fetch_or(demand_closed, std::memory_order_seq_cst);
    fence_returns();
    while (!queue_.empty()) {
      fail_wait(*queue_.front(), errc::pool_closed, wakes);
    }
  }
  // From here on, whoever gives back asks. Of those who did not, none is left after this.
  bool unsettled = true;
  while (unsettled) {
    unsettled = false;
    for (taken_slot taken = scan(unsettled); taken.slot != nullptr; taken = scan(unsettled)) {
      give_back(*taken.slot);
    }
    if (unsettled) {
      std::this_thread::yield();
    }
  }
}

void pool_core::stop() {
  close();
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    if (checked_ != nullptr) {
      source_->hang_up(checked_);
    }
  }
  keeper_bell_.ring();
  opener_bell_.ring();
  keeper_.join();
  opener_.join();
  for (pool_slot& slot : slots_) {
    const slot_state state = slot.state.load(std::memory_order_acquire);
    if (state == slot_state::doomed || state == slot_state::checking) {
      empty_slot(slot);
    }
  }
  const std::lock_guard lock(mutex_);
  orphans_ = size_;
  if (orphans_ > 0) {
    self_ = shared_from_this();
  }
}

// From the first on, so that what is not needed is not used, and can be closed.
taken_slot pool_core::scan(bool& unsettled) {
  for (pool_slot& slot : slots_) {
    const slot_state state = slot.state.load(std::memory_order_seq_cst);
    unsettled |= state == slot_state::returning;
    if (is_free(state) && slot.change(state, slot_state::busy)) {
      slot.count_checkout();
      return {&slot, state == slot_state::rested};
    }
  }
  return {};
}

std::optional<pool_slot*> pool_core::look_at(const taken_slot& taken) {
  if (taken.rested && !source_->is_usable(taken.slot->connection)) {
    replace(*taken.slot);
    return std::nullopt;
  }
  return taken.slot;
}

pool_slot* pool_core::take_free(const char* holder) {
  bool unsettled = false;
  for (taken_slot taken = scan(unsettled); taken.slot != nullptr; taken = scan(unsettled)) {
    if (look_at(taken)) {
      taken.slot->holder.store(holder, std::memory_order_relaxed);
      remember(number_, taken.slot);
      return taken.slot;
    }
  }
  return nullptr;
}

result<pool_slot*> pool_core::take(steady_time deadline, const std::stop_token& stop,
                                   const char* holder) {
  for (;;) {
    if (pool_slot* const free = take_free(holder)) {
      return free;
    }
    result<pool_slot*> waited = wait_blocked(deadline, stop, holder);
    if (!waited || *waited != nullptr) {
      return waited;
    }
  }
}

// The slot stays the caller's until the last store, so that the core stays, too. Word and demand
// are each written by one side and then the other read by it, all in one order that is the same for
// all.
void pool_core::give_back(pool_slot& slot) {
  slot.state.exchange(slot_state::returning, std::memory_order_seq_cst);
  const std::uint32_t wanted = demand.load(std::memory_order_seq_cst);
  const bool nobody_waits = wanted < demand_closed;
  const bool other_looks =
      (wanted & (demand_woken | demand_hand_off | demand_closed)) == demand_woken;
  if (nobody_waits || other_looks) {
    slot.state.store(slot_state::idle, std::memory_order_release);
    return;
  }
  slot.state.store(slot_state::busy, std::memory_order_relaxed);
  void* orphan = nullptr;
  std::shared_ptr<connection_source> source;
  std::shared_ptr<pool_core> last_hold;
  {
    wake_list wakes;
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      lend_on(slot, wakes);
      return;
    }
    source = source_;
    orphan = std::exchange(slot.connection, nullptr);
    slot.state.store(slot_state::empty, std::memory_order_release);
    --size_;
    if (orphans_ > 0 && --orphans_ == 0) {
      last_hold = std::move(self_);
    }
  }
  source->close(orphan);
}

void pool_core::lend_on(pool_slot& slot, wake_list& wakes) {
  waiter* const first = queue_.front();
  if (first != nullptr &&
      (first->is_handler || (demand.load(std::memory_order_relaxed) & demand_hand_off) != 0)) {
    slot.count_checkout();
    slot.state.store(slot_state::busy, std::memory_order_release);
    ++counted_.hand_offs;
    grant(*first, {&slot, false}, wakes);
    return;
  }
  if (first != nullptr && woken_ == nullptr) {
    woken_ = first;
    demand.fetch_or(demand_woken, std::memory_order_relaxed);
    first->set(wait_state::notified);
    wakes.add_thread(first->state);
  }
  slot.state.store(slot_state::idle, std::memory_order_release);
}

void pool_core::replace(pool_slot& slot) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      if (slot.retire.load(std::memory_order_relaxed)) {
        ++counted_.expired;
      } else {
        count_broken(slot);
      }
      ++doomed_;
      slot.state.store(slot_state::doomed, std::memory_order_release);
      opener_bell_.ring();
      return;
    }
  }
  give_back(slot);  // Closes it.
}

// A connection that breaks before it was of use counts as an attempt that failed; several that were
// opened before the last such death as one.
void pool_core::count_broken(const pool_slot& slot) {
  ++counted_.discarded;
  const record& of = record_of(slot);
  const steady_time now = std::chrono::steady_clock::now();
  const std::uint64_t checkouts = slot.checkouts.load(std::memory_order_relaxed);
  if (checkouts > of.checkouts_at_open + 1) {
    early_deaths_ = 0;
  } else if (now - of.opened < options_.reconnect_backoff_max && of.opened > last_early_death_) {
    ++early_deaths_;
    last_early_death_ = now;
    next_attempt_ = now + delay_after(early_deaths_);
  }
}

pool_statistics pool_core::read() const {
  const std::lock_guard lock(mutex_);
  pool_statistics now = counted_;
  now.size = size_;
  now.waiters = demand.load(std::memory_order_relaxed) / demand_one_waiter;
  for (const pool_slot& slot : slots_) {
    const slot_state state = slot.state.load(std::memory_order_relaxed);
    now.checkouts += slot.checkouts.load(std::memory_order_relaxed);
    now.idle += is_free(state) ? 1U : 0U;
    now.in_use += is_lent(state) ? 1U : 0U;
  }
  return now;
}

double pool_core::random() {
  random_state_ = random_state_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<double>(random_state_ >> 11) * 0x1.0p-53;
}

}  // namespace engine::postgres::internal
