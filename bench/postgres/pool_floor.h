// The least that lending a connection takes.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/harness/subject.h"
#include "bench/postgres/fairness.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench::least {

/// One compare-and-swap to take a connection, and a store to give it back, on a word that no other
/// thread looks at. Without the first, two threads could take the same connection; without the
/// second, nobody would know that it is free.
class alignas(64) checkout {
 public:
  static constexpr std::string_view name = "floor";

  explicit checkout(const pool_input& input) : input_(input) {}

  void run() {
    std::uint32_t free = 0;
    taken_ += word_.compare_exchange_strong(free, 1, std::memory_order_acquire) ? 1U : 0U;
    connection_.use();
    word_.store(0, std::memory_order_release);
  }

  [[nodiscard]] std::string check() const {
    return taken_ == connection_.uses()
               ? ""
               : fmt::format("{} taken, {} uses", taken_, connection_.uses());
  }

  [[nodiscard]] std::vector<counter> counters() const {
    if (input_.threads() == 1) {
      return {};
    }
    std::optional<double>& fairness = input_.shared().fairness->floor;
    return fairness_counters<checkout, checkout>(input_, fairness, fairness);
  }

 private:
  stub_connection connection_;
  std::uint64_t taken_ = 0;
  const pool_input input_;
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace headroom::pool_bench::least
