// A piece of work that never changes, timed beside what is compared: if it takes longer, the
// machine was disturbed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace headroom {

/// Some 5 µs: multiplications that wait for each other, and reads all over 16 KB, which a busy
/// neighbour of the same core or cache slows down.
class control_kernel {
 public:
  /// How long one run takes now, in ns.
  [[nodiscard]] double time_ns() {
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t at = state_;
    for (std::size_t step = 0; step < steps; ++step) {
      at = at * 6364136223846793005U + words_[at % words_.size()] + 1442695040888963407U;
    }
    state_ = at;
    asm volatile("" : : "r"(&state_) : "memory");
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
        .count();
  }

 private:
  static constexpr std::size_t steps = 1'500;
  std::array<std::uint64_t, 2'048> words_{};
  std::uint64_t state_ = 1;
};

}  // namespace headroom
