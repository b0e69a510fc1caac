// Checking stub connections out of a pool that the threads of a group share.
#pragma once

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/postgres/mutex_condvar_pool.h"
#include "bench/postgres/stub_connection.h"
#include "subsystems/postgres/pool.h"

namespace headroom::pool_bench {

inline constexpr std::size_t connections = 4;
/// Longer than anyone waits, unless a wake-up is lost.
inline constexpr std::chrono::seconds patience{30};

/// The engine's pool of stubs, all open.
class engine_stubs {
 public:
  explicit engine_stubs(std::size_t size = connections);

  [[nodiscard]] engine::postgres::basic_pool<stub_connector>& pool() { return pool_; }
  [[nodiscard]] const std::vector<stub_connection*>& all() const { return all_; }
  [[nodiscard]] std::size_t in_use() const { return pool_.statistics().in_use; }

 private:
  std::vector<stub_connection*> all_;
  engine::postgres::basic_pool<stub_connector> pool_;
};

class mutex_condvar_stubs {
 public:
  explicit mutex_condvar_stubs(std::size_t size = connections);

  [[nodiscard]] mutex_condvar_pool<stub_connection>& pool() { return pool_; }
  [[nodiscard]] const std::vector<stub_connection*>& all() const { return all_; }
  [[nodiscard]] std::size_t in_use() const { return pool_.in_use(); }

 private:
  std::vector<stub_connection*> all_;
  mutex_condvar_pool<stub_connection> pool_;
};

/// How often threads had a connection of one pool: each counts for itself.
class use_counts {
 public:
  class own {
   public:
    explicit own(use_counts& all);
    ~own();
    own(const own&) = delete;
    own& operator=(const own&) = delete;

    void add() {
      value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

   private:
    friend class use_counts;

    use_counts* all_;
    std::atomic<std::uint64_t> value_{0};
  };

  [[nodiscard]] std::uint64_t sum() const;

 private:
  mutable std::mutex mutex_;
  std::vector<const own*> present_;
  std::uint64_t past_ = 0;
};

/// By how much the busiest thread was ahead, once it was looked at: that takes seconds, so a group
/// does it once for all rounds.
struct group_fairness {
  std::optional<double> engine;
  std::optional<double> peer;
  std::optional<double> floor;
};

/// What the threads of a group share.
struct shared_pools {
  shared_pools(unsigned count, std::shared_ptr<group_fairness> kept)
      : threads(count), fairness(std::move(kept)) {}

  unsigned threads;
  engine_stubs engine;
  mutex_condvar_stubs mutex_condvar;
  use_counts engine_uses;
  use_counts peer_uses;
  std::shared_ptr<group_fairness> fairness;
};

/// One thread's part. Items: one checkout.
class pool_input {
 public:
  pool_input(unsigned thread, std::chrono::milliseconds window,
             std::shared_ptr<shared_pools> shared)
      : thread_(thread), window_(window), shared_(std::move(shared)) {}

  [[nodiscard]] unsigned thread() const { return thread_; }
  [[nodiscard]] unsigned threads() const { return shared_->threads; }
  /// How long fairness is looked at at a time.
  [[nodiscard]] std::chrono::milliseconds window() const { return window_; }
  [[nodiscard]] shared_pools& shared() const { return *shared_; }
  [[nodiscard]] pool_input of_thread(unsigned thread) const { return {thread, window_, shared_}; }
  [[nodiscard]] double items() const { return 1; }

  /// When no thread runs.
  struct account {
    std::uint64_t checkouts;
    std::uint64_t uses;
    std::size_t in_use;
    std::uint64_t held_twice;
  };
  /// `checkout` lends a connection: all threads of the group call it for a while, and see whether
  /// what they have is theirs alone.
  template <class Checkout>
  [[nodiscard]] account account_of(std::uint64_t checkouts, const std::vector<stub_connection*>& of,
                                   std::size_t in_use, const Checkout& checkout) const;
  /// Each checkout used one connection, alone, and all are back.
  [[nodiscard]] std::string mismatch(const account& answer) const;

 private:
  unsigned thread_;
  std::chrono::milliseconds window_;
  std::shared_ptr<shared_pools> shared_;
};

template <class Checkout>
pool_input::account pool_input::account_of(std::uint64_t checkouts,
                                           const std::vector<stub_connection*>& of,
                                           std::size_t in_use, const Checkout& checkout) const {
  constexpr int rounds = 2'000;
  constexpr int rounds_per_sleep = 64;
  account counted{checkouts, 0, in_use, 0};
  for (const stub_connection* each : of) {
    counted.uses += each->uses();
  }
  if (thread_ != 0) {
    return counted;
  }
  std::atomic<std::uint64_t> held_twice{0};
  std::barrier started(threads());
  std::vector<std::jthread> running;
  for (unsigned at = 0; at < threads(); ++at) {
    running.emplace_back([&] {
      started.arrive_and_wait();
      for (int round = 0; round < rounds; ++round) {
        const auto held = checkout();
        held_twice += (*held)->enter() ? 0U : 1U;
        if (round % rounds_per_sleep == 0) {  // The others run, on however few processors.
          std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
        (*held)->leave();
      }
    });
  }
  running.clear();
  counted.held_twice = held_twice;
  return counted;
}

}  // namespace headroom::pool_bench
