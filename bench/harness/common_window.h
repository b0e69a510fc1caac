// One time for threads that work side by side.
#pragma once

#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>

namespace headroom {

/// The time of several threads as one. Where they share processors, some are done before others
/// begin, each timed as if alone; with this, the time of every thread is from the first start to
/// the last finish.
class common_window {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  explicit common_window(unsigned threads) : finish_(threads) {}

  /// REQUIRES: called by one thread, before any starts.
  void open() { first_start_ = time_point::max(); }

  /// A thread's start.
  time_point start() {
    const time_point now = clock::now();
    time_point first = first_start_;
    while (now < first && !first_start_.compare_exchange_weak(first, now)) {
    }
    return now;
  }

  /// Waits for the last thread, and then as long as this one started behind the first.
  void finish(time_point start) {
    finish_.arrive_and_wait();
    const time_point end = clock::now() + (start - first_start_.load());
    while (clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  std::barrier<> finish_;
  std::atomic<time_point> first_start_;
};

}  // namespace headroom
