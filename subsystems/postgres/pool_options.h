// The limits of a connection pool, and what it tells about itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

/// Who holds a connection: shown when the pool is exhausted or a lease is not given back. Only from
/// string literals, because others may read it at any time.
class holder_name {
 public:
  constexpr holder_name() = default;
  template <std::size_t Size>
  constexpr holder_name(const char (&literal)[Size])  // NOLINT(google-explicit-constructor)
      : text_(literal) {}

  [[nodiscard]] constexpr const char* text() const { return text_; }

 private:
  const char* text_ = nullptr;
};

/// A lease that has been out for longer than connection_pool_options::leak_after.
struct lease_report {
  /// "" if none was given at checkout.
  std::string holder;
  /// At least so long.
  std::chrono::milliseconds held_for{};
};

/// Zero as a duration of idleness, life or leaking means never.
struct connection_pool_options {
  /// Connections that are kept open though nobody asks.
  std::uint32_t size_min = 0;
  /// Connections at most, those included that are being opened or closed.
  std::uint32_t size_max = 10;
  /// Callers that may wait at the same time; the next is refused with errc::too_many_waiters.
  std::uint32_t waiters_max = 10'000;
  /// Whoever comes first may take a connection that was given back, until someone has waited this
  /// long: from then on those who wait get them, in the order they came.
  std::chrono::microseconds hand_off_after{1'000};
  /// A connection that was idle this long is looked at before it is lent: no round trip.
  std::chrono::milliseconds look_after_idle{1'000};
  /// A connection that was idle this long is asked for a sign of life in the background, one at a
  /// time, and again after as long. If it gives none, the others that are due are replaced with it.
  std::chrono::milliseconds validate_after_idle{30'000};
  /// A connection beyond size_min that was idle this long is closed.
  std::chrono::milliseconds idle_timeout{600'000};
  /// A connection is closed when this old, or up to the jitter's share younger, so that those
  /// opened together do not end together. One that is lent is closed when it comes back.
  std::chrono::milliseconds lifetime_max{1'800'000};
  double lifetime_jitter = 0.1;
  /// How long an attempt to connect, or a validation, may take.
  std::chrono::milliseconds connect_timeout{5'000};
  /// After a failed attempt the next waits this long, after each further one twice as long, up to
  /// the maximum; less up to the jitter's share. Attempts are made one at a time.
  std::chrono::milliseconds reconnect_backoff_initial{20};
  std::chrono::milliseconds reconnect_backoff_max{5'000};
  double reconnect_jitter = 0.5;
  /// A lease that is out this long is reported, once.
  std::chrono::milliseconds leak_after{60'000};
  /// Called on a thread of the pool, without locks. Must not throw, nor destroy the pool.
  std::function<void(const lease_report&)> on_leak = {};

  static constexpr std::uint32_t size_limit = 10'000;
  static constexpr std::uint32_t waiters_limit = 1'000'000;
};

/// errc::bad_input naming the first option that is out of range.
[[nodiscard]] result<void> validate(const connection_pool_options& chosen);

struct pool_statistics {
  /// Now.
  std::uint32_t size = 0;  ///< open, being opened or being closed
  std::uint32_t idle = 0;
  std::uint32_t in_use = 0;
  std::uint32_t waiters = 0;
  /// Since the pool was opened.
  std::uint64_t checkouts = 0;
  std::uint64_t waits = 0;  ///< checkouts that had to wait, however they ended
  std::uint64_t timeouts = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t refused = 0;  ///< too many waiters
  std::uint64_t hand_offs = 0;
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t discarded = 0;  ///< connections that broke, or rested beside one that did
  std::uint64_t expired = 0;    ///< connections closed for their age or idleness
  std::uint64_t leaks = 0;
  std::chrono::nanoseconds longest_wait{};
  /// As far as the pool looked: a lease that ends between two looks may have been longer.
  std::chrono::nanoseconds longest_lease{};
};

}  // namespace engine::postgres
