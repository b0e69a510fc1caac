// How long something took, as counters.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/harness/histogram.h"
#include "bench/harness/subject.h"

namespace headroom::postgres_bench {

/// Not thread-safe.
class latency_figures {
 public:
  using clock = std::chrono::steady_clock;

  void record(clock::duration taken) {
    all_.record(static_cast<std::uint64_t>(std::chrono::nanoseconds(taken).count()));
  }
  /// latency_us_p50 and latency_us_p99.
  [[nodiscard]] std::vector<counter> counters() const {
    return {{"latency_us_p50", static_cast<double>(all_.value_at(0.5)) / 1e3},
            {"latency_us_p99", static_cast<double>(all_.value_at(0.99)) / 1e3}};
  }

 private:
  histogram all_;
};

}  // namespace headroom::postgres_bench
