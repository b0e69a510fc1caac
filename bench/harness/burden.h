// A body that takes a given share longer than it should: by it one sees whether a slowdown is
// found.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/subject.h"

namespace headroom {

/// Runs another subject and burns `share` of its time beside it, in multiplications between its
/// runs: after each, or, where that were no more than some nanoseconds, after so many that it is a
/// fifth of a microsecond.
class burdened final : public subject {
 public:
  /// `run_seconds` is what one run takes without a burden.
  burdened(std::unique_ptr<subject> body, double share, double run_seconds)
      : body_(std::move(body)) {
    constexpr double burst_seconds_min = 2e-7;
    const double unit = static_cast<double>(body_->batch()) * run_seconds * share;
    const auto units = static_cast<std::uint64_t>(std::clamp(burst_seconds_min / unit, 1.0, 1e6));
    period_ = units * body_->batch();
    steps_ = static_cast<std::uint64_t>(static_cast<double>(units) * unit / seconds_per_step());
  }

  std::string check() override { return body_->check(); }
  void prepare() override { body_->prepare(); }
  [[nodiscard]] bool has_prepare() const override { return body_->has_prepare(); }
  [[nodiscard]] std::uint64_t batch() const override { return body_->batch(); }
  void run(std::uint64_t times) override {
    for (; times > 0;) {
      const std::uint64_t now = std::min(times, period_ - since_burst_);
      body_->run(now);
      times -= now;
      since_burst_ += now;
      if (since_burst_ == period_) {
        burn(steps_);
        since_burst_ = 0;
      }
    }
  }
  [[nodiscard]] double items() const override { return body_->items(); }
  [[nodiscard]] std::vector<counter> counters() const override { return body_->counters(); }

 private:
  static void burn(std::uint64_t steps) {
    std::uint64_t value = steps;
    for (; steps > 0; --steps) {
      value = value * 6364136223846793005U + 1442695040888963407U;
      asm volatile("" : "+r"(value));
    }
  }

  static double seconds_per_step() {
    constexpr std::uint64_t steps = 20'000;
    double fastest = 1;
    for (int round = 0; round < 5; ++round) {
      const auto start = std::chrono::steady_clock::now();
      burn(steps);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      fastest = std::min(fastest, spent.count() / static_cast<double>(steps));
    }
    return fastest;
  }

  std::unique_ptr<subject> body_;
  std::uint64_t period_ = 1;
  std::uint64_t since_burst_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace headroom
