// Sleeping on a word until it changes, to a deadline of the steady clock.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>

namespace engine::postgres::internal {

using futex_word = std::atomic<std::uint32_t>;
using steady_time = std::chrono::steady_clock::time_point;

/// At most max().
inline steady_time from_now(std::chrono::steady_clock::duration timeout) {
  const steady_time now = std::chrono::steady_clock::now();
  return timeout < steady_time::max() - now ? now + timeout : steady_time::max();
}

/// False once `until` has passed. Otherwise the word has changed, or nothing has happened at all.
inline bool futex_wait(const futex_word& word, std::uint32_t expected, steady_time until) {
  const auto since_boot = until.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  const timespec deadline{
      seconds.count(), static_cast<long>(std::chrono::nanoseconds(since_boot - seconds).count())};
  const bool forever = until == steady_time::max();
  // The variant with a mask is the one that takes a point in time.
  const long status = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                              forever ? nullptr : &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
  return status == 0 || errno != ETIMEDOUT;
}

/// The word need not exist any more: whoever sleeps at its address then wakes for nothing.
inline void futex_wake(const futex_word* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

/// Wakes one thread that waits for something to do.
class doorbell {
 public:
  /// To be read before one looks for something to do.
  [[nodiscard]] std::uint32_t rings() const { return rings_.load(std::memory_order_acquire); }
  void ring() {
    rings_.fetch_add(1, std::memory_order_release);
    futex_wake(&rings_);
  }
  /// Until the next ring after `heard`, or `until`.
  void wait(std::uint32_t heard, steady_time until) const {
    while (rings_.load(std::memory_order_acquire) == heard && futex_wait(rings_, heard, until)) {
    }
  }

 private:
  futex_word rings_{0};
};

}  // namespace engine::postgres::internal
