// Two threads that pass one connection to and fro.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "bench/postgres/pool_input.h"
#include "subsystems/postgres/futex_internal.h"

namespace headroom::pool_bench {

/// Items: there and back.
struct hand_off_input {
  [[nodiscard]] double items() const { return 1; }
  /// How often the other thread had the connection, and this one again; and how often the pool has
  /// handed it to someone who waited.
  struct tally {
    std::uint64_t there;
    std::uint64_t back;
    std::uint64_t handed;
  };
  [[nodiscard]] std::string mismatch(const tally& answer) const {
    return answer.back > 0 && answer.there == answer.back && answer.handed == 2 * answer.back
               ? ""
               : fmt::format("{} times there, {} times back, {} times handed on", answer.there,
                             answer.back, answer.handed);
  }
};

namespace ours {

/// A pool of one connection that hands on at once. Each gives it back only once the other waits.
class hand_off {
 public:
  static constexpr std::string_view name = "engine";

  explicit hand_off(const hand_off_input&);
  ~hand_off();
  hand_off(const hand_off&) = delete;
  hand_off& operator=(const hand_off&) = delete;

  void run() {
    await_waiter();
    held_.release();
    held_ = pool_.checkout(patience).value();
    ++back_;
  }
  [[nodiscard]] hand_off_input::tally answer() const {
    return {there_, back_, pool_.statistics().hand_offs};
  }

 private:
  using pool = engine::postgres::basic_pool<stub_connector>;

  void await_waiter() const;
  void pass_back();

  std::vector<stub_connection*> all_;
  pool pool_;
  pool::lease held_;
  std::atomic<std::uint64_t> there_{0};
  std::uint64_t back_ = 0;
  std::atomic<bool> over_{false};
  std::thread other_;
};

}  // namespace ours

namespace least {

/// One word that says whose turn it is, and a futex to sleep on it: two threads cannot take turns
/// without waking each other.
class hand_off {
 public:
  static constexpr std::string_view name = "floor";

  explicit hand_off(const hand_off_input&);
  ~hand_off();
  hand_off(const hand_off&) = delete;
  hand_off& operator=(const hand_off&) = delete;

  void run() {
    pass(1);
    await(0);
    ++back_;
  }
  [[nodiscard]] std::string check() const {
    return there_ >= back_ ? "" : fmt::format("{} there, {} back", there_.load(), back_);
  }

 private:
  void pass(std::uint32_t to) {
    turn_.store(to, std::memory_order_release);
    engine::postgres::internal::futex_wake(&turn_);
  }
  void await(std::uint32_t mine) const {
    while (turn_.load(std::memory_order_acquire) == 1 - mine) {
      engine::postgres::internal::futex_wait(turn_, 1 - mine,
                                             std::chrono::steady_clock::time_point::max());
    }
  }

  engine::postgres::internal::futex_word turn_{0};  // 2: it is over
  std::atomic<std::uint64_t> there_{0};
  std::uint64_t back_ = 0;
  std::thread other_;
};

}  // namespace least

}  // namespace headroom::pool_bench
