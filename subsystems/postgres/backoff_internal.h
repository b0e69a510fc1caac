// How long things wait when they should not all happen at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace engine::postgres::internal {

/// The duration less a random share of it: in (whole * (1 - jitter), whole].
/// REQUIRES: 0 <= jitter <= 1, 0 <= random < 1.
inline std::chrono::nanoseconds jittered(std::chrono::nanoseconds whole, double jitter,
                                         double random) {
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(whole.count()) * (1 - jitter * random)));
}

/// After so many failures in a row, without jitter. REQUIRES: failures > 0.
inline std::chrono::nanoseconds backoff(std::chrono::nanoseconds initial,
                                        std::chrono::nanoseconds longest, std::uint32_t failures) {
  for (; failures > 1 && initial < longest; --failures) {
    initial *= 2;
  }
  return std::min(initial, longest);
}

}  // namespace engine::postgres::internal
