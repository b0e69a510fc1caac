// The part of a pool that every checkout and return touches: a state for each connection.
//
// Taking a connection is one compare-and-swap, idle to busy. Giving it back is two plain stores
// around a load:
//
//   state = returning;  if (demand == 0) state = idle; else ask the pool's core.
//
// Nothing of the pool is touched after the last store, so that the pool may be gone by then.
// Someone who is about to wait makes `demand` non-zero, orders that before his look at the states
// (one_sided_fence_internal.h), and then looks. A return that he does not see has not yet loaded
// `demand` and will see it; one that may have loaded a zero is seen as `returning`, or as idle: he
// looks again until it has settled. So no wake-up is lost, and no return pays for a fence as long
// as nobody waits.
//
// How often a connection was lent is counted beside its state, not within it: a value that changes
// would make each compare-and-swap wait for the last store.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "subsystems/postgres/one_sided_fence_internal.h"

namespace engine::postgres::internal {

enum class slot_state : std::uint32_t {
  empty,      ///< no connection
  opening,    ///< the opener makes one
  idle,       ///< to be had
  rested,     ///< to be had by who looks whether it still works
  busy,       ///< lent
  returning,  ///< lent, and about to be idle or handed on
  checking,   ///< the opener asks for a sign of life
  doomed,     ///< the opener closes it
};

[[nodiscard]] constexpr bool is_free(slot_state state) {
  return state == slot_state::idle || state == slot_state::rested;
}
[[nodiscard]] constexpr bool is_lent(slot_state state) {
  return state == slot_state::busy || state == slot_state::returning;
}

struct pool_front;

struct alignas(64) pool_slot {
  std::atomic<slot_state> state{slot_state::empty};
  /// Close it when it comes back.
  std::atomic<bool> retire{false};
  /// How often it was lent, by all connections that were here; written by who brought the state to
  /// busy. A reader may see the state first.
  std::atomic<std::uint64_t> checkouts{0};
  /// Of whoever brought the slot into its state.
  void* connection = nullptr;
  pool_front* pool = nullptr;
  std::atomic<const char*> holder{nullptr};

  /// Whether it was `from`, and now is `to`.
  bool change(slot_state from, slot_state to) {
    return state.compare_exchange_strong(from, to, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  /// REQUIRES: busy, and the caller's.
  void count_checkout() {
    checkouts.store(checkouts.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// Likewise. Mostly it is the one before, and the next compare-and-swap has a store less to wait
  /// for.
  void name_holder(const char* name) {
    if (holder.load(std::memory_order_relaxed) != name) [[unlikely]] {
      holder.store(name, std::memory_order_relaxed);
    }
  }
};

/// Bits of pool_front::demand. Beyond them, how many wait.
inline constexpr std::uint32_t demand_fenced = 1;    ///< returns must fence
inline constexpr std::uint32_t demand_hand_off = 2;  ///< someone has waited for long
inline constexpr std::uint32_t demand_woken = 4;     ///< someone was woken and will look himself
inline constexpr std::uint32_t demand_closed = 8;
inline constexpr std::uint32_t demand_one_waiter = 16;

struct pool_front {
  /// Anything but 0: a return must ask. Changed under the core's mutex only.
  alignas(64) std::atomic<std::uint32_t> demand{0};
};

/// Which connection a thread had last, of which pool; pools share places. Pools have numbers that
/// are never used again, so that what is remembered of one that is gone is not taken for another's.
struct thread_hint {
  std::uint64_t pool;
  pool_slot* slot;
};
inline constexpr std::size_t hints = 8;
inline constinit thread_local std::array<thread_hint, hints> thread_hints{};

inline void remember(std::uint64_t pool, pool_slot* slot) {
  thread_hints[pool % hints] = {pool, slot};
}

/// One attempt on the connection that this thread had last.
[[nodiscard]] [[gnu::always_inline]] inline pool_slot* take_hinted(std::uint64_t pool,
                                                                   const char* holder) {
  const thread_hint& hint = thread_hints[pool % hints];
  pool_slot* const slot = hint.slot;
  // Looked at before, because a compare-and-swap that fails costs as much as one that does not.
  if (hint.pool == pool && slot->state.load(std::memory_order_relaxed) == slot_state::idle &&
      slot->change(slot_state::idle, slot_state::busy)) [[likely]] {
    slot->count_checkout();
    slot->name_holder(holder);
    return slot;
  }
  return nullptr;
}

/// Whether that was all; otherwise the slot is `returning`, and the core must be asked.
/// REQUIRES: the slot is busy, and the caller's.
[[nodiscard]] [[gnu::always_inline]] inline bool return_quickly(pool_slot& slot) {
  const std::atomic<std::uint32_t>& demand = slot.pool->demand;
  slot.state.store(slot_state::returning, std::memory_order_relaxed);
  light_fence();
  if (demand.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    return false;
  }
  slot.state.store(slot_state::idle, std::memory_order_release);
  return true;
}

}  // namespace engine::postgres::internal
