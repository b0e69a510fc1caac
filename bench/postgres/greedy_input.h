// Threads that hold a connection for a while and ask for the next at once: who waits for how long?
#pragma once

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
  /// One thread's, recorded without a lock.
  class own {
   public:
    explicit own(wait_times& all) : all_(&all) {
      const std::lock_guard lock(all.mutex_);
      all.present_.push_back(this);
    }
    ~own() {
      const std::lock_guard lock(all_->mutex_);
      std::erase(all_->present_, this);
      all_->past_.merge(waits_);
    }
    own(const own&) = delete;
    own& operator=(const own&) = delete;

    void record(std::chrono::nanoseconds wait) {
      waits_.record(static_cast<std::uint64_t>(wait.count()));
    }
    [[nodiscard]] std::chrono::nanoseconds longest() const {
      return std::chrono::nanoseconds(waits_.max());
    }

   private:
    friend class wait_times;

    wait_times* all_;
    histogram waits_;
  };

  /// REQUIRES: no thread records.
  [[nodiscard]] std::vector<counter> counters() const {
    const std::lock_guard lock(mutex_);
    histogram all = past_;
    for (const own* each : present_) {
      all.merge(each->waits_);
    }
    return {{"wait_us_p50", static_cast<double>(all.value_at(0.5)) / 1e3},
            {"wait_us_p99", static_cast<double>(all.value_at(0.99)) / 1e3},
            {"wait_us_max", static_cast<double>(all.max()) / 1e3}};
  }

 private:
  mutable std::mutex mutex_;
  std::vector<const own*> present_;
  histogram past_;
};

/// Items: one checkout.
class greedy_input {
 public:
  /// A wait as long as this is starvation: every other thread had thousands of turns meanwhile.
  static constexpr std::chrono::milliseconds starved_after{1'000};
  static constexpr std::chrono::microseconds held_for{20};

  struct shared {
    engine_stubs engine;
    mutex_condvar_stubs mutex_condvar;
    wait_times engine_waits;
    wait_times peer_waits;
  };

  explicit greedy_input(std::shared_ptr<shared> of) : shared_(std::move(of)) {}

  [[nodiscard]] shared& pools() const { return *shared_; }
  [[nodiscard]] double items() const { return 1; }
  /// Of one thread.
  struct outcome {
    std::uint64_t failed;
    std::chrono::nanoseconds longest_wait;
  };
  /// All came, and nobody starved.
  [[nodiscard]] std::string mismatch(const outcome& answer) const {
    if (answer.failed > 0) {
      return fmt::format("{} checkouts failed", answer.failed);
    }
    return answer.longest_wait < starved_after
               ? ""
               : fmt::format("a thread starved: it waited for {} ms",
                             answer.longest_wait / std::chrono::milliseconds(1));
  }

 private:
  std::shared_ptr<shared> shared_;
};

/// Asks, holds, gives back; Pool and its part of the books are the candidate's.
template <class Pool>
class greedy_body {
 public:
  greedy_body(Pool& pool, wait_times& all) : pool_(pool), all_(all), waits_(all) {}

  void run() {
    const auto asked = std::chrono::steady_clock::now();
    const auto held = pool_.checkout(patience);
    const auto got = std::chrono::steady_clock::now();
    if (!held) {
      ++failed_;
      return;
    }
    waits_.record(got - asked);
    while (std::chrono::steady_clock::now() < got + greedy_input::held_for) {
      (*held)->use();
    }
  }

  [[nodiscard]] greedy_input::outcome answer() const { return {failed_, waits_.longest()}; }
  [[nodiscard]] std::vector<counter> counters() const { return all_.counters(); }

 private:
  Pool& pool_;
  const wait_times& all_;
  wait_times::own waits_;
  std::uint64_t failed_ = 0;
};

namespace ours {

class greedy : public greedy_body<engine::postgres::basic_pool<stub_connector>> {
 public:
  static constexpr std::string_view name = "engine";
  explicit greedy(const greedy_input& input)
      : greedy_body(input.pools().engine.pool(), input.pools().engine_waits) {}
};

}  // namespace ours

namespace mutex_condvar {

class greedy : public greedy_body<mutex_condvar_pool<stub_connection>> {
 public:
  static constexpr std::string_view name = "mutex_condvar";
  explicit greedy(const greedy_input& input)
      : greedy_body(input.pools().mutex_condvar.pool(), input.pools().peer_waits) {}
};

}  // namespace mutex_condvar

}  // namespace headroom::pool_bench
