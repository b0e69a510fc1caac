// How evenly threads that do the same are served.
#pragma once

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench {

/// Runs the candidate in all threads of the input at once and counts what each does in a window
/// that begins after the last has started and ends before the first stops. What the machine's
/// scheduler does is part of it.
template <class Candidate>
double max_over_min(const pool_input& input) {
  struct alignas(64) padded {
    std::atomic<std::uint64_t> runs{0};
  };
  const unsigned threads = input.threads();
  std::vector<padded> counted(threads);
  std::barrier started(threads + 1);
  std::atomic<bool> over{false};
  std::vector<std::jthread> running;
  for (unsigned at = 0; at < threads; ++at) {
    running.emplace_back([&, at] {
      const pool_input own = input.of_thread(at);
      Candidate body(own);
      started.arrive_and_wait();
      while (!over.load(std::memory_order_relaxed)) {
        for (int run = 0; run < 16; ++run) {
          body.run();
        }
        counted[at].runs.store(counted[at].runs.load(std::memory_order_relaxed) + 16,
                               std::memory_order_relaxed);
      }
    });
  }
  const auto take = [&] {
    std::vector<std::uint64_t> now;
    now.reserve(counted.size());
    for (const padded& each : counted) {
      now.push_back(each.runs.load(std::memory_order_relaxed));
    }
    return now;
  };
  started.arrive_and_wait();
  std::this_thread::sleep_for(input.window() / 10);
  const std::vector<std::uint64_t> before = take();
  std::this_thread::sleep_for(input.window());
  std::vector<std::uint64_t> after = take();
  over = true;
  for (unsigned at = 0; at < threads; ++at) {
    after[at] -= before[at];
  }
  const auto [least, most] = std::minmax_element(after.begin(), after.end());
  return static_cast<double>(*most) / static_cast<double>(std::max<std::uint64_t>(*least, 1));
}

/// Of the candidate and of threads that share nothing, each looked at unless it was before.
template <class Candidate, class Alone>
std::vector<counter> fairness_counters(const pool_input& input, std::optional<double>& own,
                                       std::optional<double>& alone) {
  if (!own) {
    own = max_over_min<Candidate>(input);
  }
  if (!alone) {
    alone = max_over_min<Alone>(input);
  }
  return {{"fairness_max_over_min", *own}, {"scheduler_max_over_min", *alone}};
}

}  // namespace headroom::pool_bench
