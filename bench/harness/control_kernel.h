// A piece of work that never changes, timed beside what is compared: if it takes longer, the
// machine was disturbed.
#pragma once

#include <chrono>
#include <cstdint>

namespace headroom {

/// Some 3 µs of multiplications that wait for each other. It touches no memory, so what was
/// measured before it leaves no trace in it: it shows clock frequency, a neighbour on the same
/// core, and time that was taken away.
class control_kernel {
 public:
  /// How long one run takes now, in ns.
  [[nodiscard]] double time_ns() {
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t at = state_;
    for (int step = 0; step < steps; ++step) {
      at = at * 6364136223846793005U + 1442695040888963407U;
    }
    state_ = at;
    asm volatile("" : : "r"(&state_) : "memory");
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
        .count();
  }

 private:
  static constexpr int steps = 2'500;
  std::uint64_t state_ = 1;
};

}  // namespace headroom
