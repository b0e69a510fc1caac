// Ordering a store before a later load in every thread, paid for by one side alone.
//
// Two threads that each store and then look at what the other stored need a full fence each. Where
// one side runs millions of times as often as the other, the rare one can have the kernel interrupt
// all processors (membarrier), and the frequent one needs nothing but that the compiler keeps
// order.
#pragma once

#include <atomic>

namespace engine::postgres::internal {

/// The frequent side, between its store and its load.
inline void light_fence() { std::atomic_signal_fence(std::memory_order_seq_cst); }

/// Whether the kernel offers it to this process.
[[nodiscard]] bool has_heavy_fence();

/// The rare side, likewise. About 1 µs. REQUIRES: has_heavy_fence().
void heavy_fence();

}  // namespace engine::postgres::internal
