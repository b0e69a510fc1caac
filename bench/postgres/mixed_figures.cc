#include "bench/postgres/mixed_load.h"

namespace headroom::postgres_bench {

void mixed_figures::record(mixed_call call, clock::time_point due) {
  if (due < start_) {
    return;
  }
  const auto late = std::chrono::nanoseconds(clock::now() - due).count();
  of_call& of = calls_[static_cast<std::size_t>(call)];
  const std::lock_guard lock(of.mutex);
  of.latencies.record(static_cast<std::uint64_t>(std::max<std::int64_t>(0, late)));
}

void mixed_figures::fail(mixed_call call, std::string_view why) {
  const std::lock_guard lock(mutex_);
  if (++failures_ == 1) {
    first_failure_ = mixed_call_names[static_cast<std::size_t>(call)];
    first_failure_.append(": ").append(why);
  }
}

std::uint64_t mixed_figures::count(mixed_call call) const {
  const of_call& of = calls_[static_cast<std::size_t>(call)];
  const std::lock_guard lock(of.mutex);
  return of.latencies.count();
}

double mixed_figures::latency_us(mixed_call call, double quantile) const {
  const of_call& of = calls_[static_cast<std::size_t>(call)];
  const std::lock_guard lock(of.mutex);
  return static_cast<double>(of.latencies.value_at(quantile)) / 1e3;
}

std::uint64_t mixed_figures::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::string mixed_figures::first_failure() const {
  const std::lock_guard lock(mutex_);
  return first_failure_;
}

}  // namespace headroom::postgres_bench
