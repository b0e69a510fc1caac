// Threads that hold a connection for a while and ask for the next at once: who waits for how long?
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/harness/histogram.h"
#include "bench/harness/subject.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench {

/// The waits of all threads of a group, on one pool.
class wait_times {
 public:
  void merge(const histogram& waits) {
    const std::lock_guard lock(mutex_);
    all_.merge(waits);
  }
  [[nodiscard]] std::vector<counter> counters(std::uint64_t starved) const {
    const std::lock_guard lock(mutex_);
    return {{"wait_us_p50", static_cast<double>(all_.value_at(0.5)) / 1e3},
            {"wait_us_p99", static_cast<double>(all_.value_at(0.99)) / 1e3},
            {"wait_us_max", static_cast<double>(all_.max()) / 1e3},
            {"starved", static_cast<double>(starved)}};
  }

 private:
  mutable std::mutex mutex_;
  histogram all_;
};

/// Items: one checkout.
class greedy_input {
 public:
  /// A wait as long as this counts as starvation: others had some thousand turns meanwhile.
  static constexpr std::chrono::milliseconds starved_after{200};
  static constexpr std::chrono::microseconds held_for{20};

  struct shared {
    engine_stubs engine;
    mutex_condvar_stubs mutex_condvar;
    wait_times engine_waits;
    wait_times peer_waits;
    std::atomic<std::uint64_t> engine_starved{0};
    std::atomic<std::uint64_t> peer_starved{0};
  };

  explicit greedy_input(std::shared_ptr<shared> of) : shared_(std::move(of)) {}

  [[nodiscard]] shared& pools() const { return *shared_; }
  [[nodiscard]] double items() const { return 1; }
  /// `answer` is how many checkouts of this thread failed.
  [[nodiscard]] std::string mismatch(std::uint64_t answer) const {
    return answer == 0 ? "" : fmt::format("{} checkouts failed", answer);
  }

 private:
  std::shared_ptr<shared> shared_;
};

/// Asks, holds, gives back; Pool and its part of the books are the candidate's.
template <class Pool>
class greedy_body {
 public:
  greedy_body(Pool& pool, wait_times& all, std::atomic<std::uint64_t>& starved)
      : pool_(pool), all_(all), starved_(starved) {}

  void run() {
    const auto asked = std::chrono::steady_clock::now();
    const auto held = pool_.checkout(patience);
    const auto got = std::chrono::steady_clock::now();
    if (!held) {
      ++failed_;
      return;
    }
    waits_.record(static_cast<std::uint64_t>((got - asked).count()));
    starved_ += got - asked >= greedy_input::starved_after ? 1U : 0U;
    while (std::chrono::steady_clock::now() < got + greedy_input::held_for) {
      (*held)->use();
    }
    if (waits_.count() == merge_every) {
      all_.merge(waits_);
      waits_.clear();
    }
  }

  [[nodiscard]] std::uint64_t answer() const { return failed_; }
  [[nodiscard]] std::vector<counter> counters() const { return all_.counters(starved_); }

 private:
  static constexpr std::uint64_t merge_every = 256;

  Pool& pool_;
  wait_times& all_;
  std::atomic<std::uint64_t>& starved_;
  histogram waits_;
  std::uint64_t failed_ = 0;
};

namespace ours {

class greedy : public greedy_body<engine::postgres::basic_pool<stub_connector>> {
 public:
  static constexpr std::string_view name = "engine";
  explicit greedy(const greedy_input& input)
      : greedy_body(input.pools().engine.pool(), input.pools().engine_waits,
                    input.pools().engine_starved) {}
};

}  // namespace ours

namespace mutex_condvar {

class greedy : public greedy_body<mutex_condvar_pool<stub_connection>> {
 public:
  static constexpr std::string_view name = "mutex_condvar";
  explicit greedy(const greedy_input& input)
      : greedy_body(input.pools().mutex_condvar.pool(), input.pools().peer_waits,
                    input.pools().peer_starved) {}
};

}  // namespace mutex_condvar

}  // namespace headroom::pool_bench
