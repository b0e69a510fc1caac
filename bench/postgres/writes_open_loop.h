// Transitions that come by a schedule, whether or not those before are acknowledged.
//
// A latency is from when a transition was to be submitted to its acknowledgement, so a stall counts
// for all that came during it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>
#include <vector>

#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_latency.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench {

/// A run is a window of the schedule. Items: transitions.
class open_loop_input : public transition_input {
 public:
  open_loop_input(std::vector<task_key> tasks, std::shared_ptr<transition_shared> shared,
                  unsigned per_second, std::chrono::milliseconds window)
      : transition_input(std::move(tasks), std::move(shared)),
        interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second),
        count_(static_cast<std::size_t>(window / interval_)) {}

  [[nodiscard]] std::chrono::nanoseconds interval() const { return interval_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] double items() const { return static_cast<double>(count_); }

 private:
  std::chrono::nanoseconds interval_;
  std::size_t count_;
};

namespace ours {

class open_loop {
 public:
  static constexpr std::string_view name = "engine";

  explicit open_loop(const open_loop_input& input);

  void run();
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }
  /// Of all windows but the first, in which the writer connects.
  [[nodiscard]] std::vector<counter> counters() const;

 private:
  using clock = std::chrono::steady_clock;

  void submit_by_schedule(clock::time_point start);
  void wait_for_all();

  const open_loop_input& input_;
  task_place& place_;
  transition_feed feed_;
  std::vector<change> changes_;
  std::vector<clock::time_point> settled_at_;
  std::atomic<std::size_t> settled_{0};
  std::deque<receipt> receipts_;  // outlive the writer
  batch_writer writer_;
  latency_figures latencies_;
  clock::duration submitting_{0};
  std::size_t windows_ = 0;
};

}  // namespace ours

}  // namespace headroom::postgres_bench
