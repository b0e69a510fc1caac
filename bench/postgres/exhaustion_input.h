// Asking a pool that has nothing left.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness/histogram.h"
#include "bench/harness/subject.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench {

using steady_clock = std::chrono::steady_clock;

/// By how much waits went beyond their deadline. The first are not counted: they find cold caches.
class overshoot {
 public:
  static constexpr std::uint64_t cold_waits = 25;

  void record(steady_clock::duration beyond) {
    early_ += beyond.count() < 0 ? 1U : 0U;
    if (++waits_ > cold_waits) {
      recorded_.record(static_cast<std::uint64_t>(std::max<std::int64_t>(beyond.count(), 0)));
    }
  }
  [[nodiscard]] std::uint64_t early() const { return early_; }
  [[nodiscard]] std::vector<counter> counters() const {
    return {{"overshoot_us_p50", static_cast<double>(recorded_.value_at(0.5)) / 1e3},
            {"overshoot_us_p99", static_cast<double>(recorded_.value_at(0.99)) / 1e3},
            {"overshoot_samples", static_cast<double>(recorded_.count())}};
  }

 private:
  histogram recorded_;
  std::uint64_t waits_ = 0;
  std::uint64_t early_ = 0;
};

/// Both pools of stubs with every connection lent. Items: one wait that ends at its deadline.
class exhaustion_input {
 public:
  explicit exhaustion_input(std::chrono::microseconds timeout);

  [[nodiscard]] std::chrono::microseconds timeout() const { return timeout_; }
  [[nodiscard]] auto& engine() const { return lent_->engine.pool(); }
  [[nodiscard]] auto& mutex_condvar() const { return lent_->mutex_condvar.pool(); }
  [[nodiscard]] double items() const { return 1; }

  struct outcome {
    std::uint64_t waits;
    std::uint64_t failed_as_they_should;
    std::uint64_t early;
  };
  [[nodiscard]] std::string mismatch(const outcome& answer) const;

 private:
  struct lent_pools {
    engine_stubs engine;
    mutex_condvar_stubs mutex_condvar;
    std::vector<engine::postgres::basic_pool<stub_connector>::lease> of_engine;
    std::vector<mutex_condvar_pool<stub_connection>::lease> of_peer;
  };

  std::chrono::microseconds timeout_;
  std::shared_ptr<lent_pools> lent_;
};

}  // namespace headroom::pool_bench
