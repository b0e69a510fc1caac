// The candidates of `exhaustion/…/timeout`: how late a wait ends that nothing ends but its
// deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/postgres/exhaustion_input.h"
#include "subsystems/postgres/futex_internal.h"

namespace headroom::pool_bench {

/// Ask(deadline) waits, and says whether it failed as it should.
template <class Asker>
class expiring_wait {
 public:
  /// A sleeper whose time is up while the processors are busy wakes some milliseconds late, whoever
  /// it waits for. Of few waits the 99th percentile is the one that this happened to: by the end of
  /// the first repetition, there are a hundred for every candidate.
  static constexpr std::uint64_t batch = 25;

  explicit expiring_wait(const exhaustion_input& input) : input_(input), asker_(input) {}

  void run() {
    const steady_clock::time_point deadline = steady_clock::now() + input_.timeout();
    failed_ += asker_.ask(deadline) ? 1U : 0U;
    overshoot_.record(steady_clock::now() - deadline);
    ++waits_;
  }

  [[nodiscard]] exhaustion_input::outcome outcome() const {
    return {waits_, failed_, overshoot_.early()};
  }
  [[nodiscard]] std::vector<counter> counters() const { return overshoot_.counters(); }

 protected:
  [[nodiscard]] const exhaustion_input& input() const { return input_; }

 private:
  const exhaustion_input& input_;
  Asker asker_;
  overshoot overshoot_;
  std::uint64_t waits_ = 0;
  std::uint64_t failed_ = 0;
};

namespace ours {

struct asker {
  explicit asker(const exhaustion_input& input) : pool(input.engine()) {}
  bool ask(steady_clock::time_point deadline) {
    const auto held = pool.checkout(deadline, "benchmark");
    return !held && held.error().code == engine::postgres::errc::pool_timeout;
  }
  engine::postgres::basic_pool<stub_connector>& pool;
};

class timeout : public expiring_wait<asker> {
 public:
  static constexpr std::string_view name = "engine";
  using expiring_wait::expiring_wait;
  [[nodiscard]] exhaustion_input::outcome answer() const { return outcome(); }
};

}  // namespace ours

namespace mutex_condvar {

struct asker {
  explicit asker(const exhaustion_input& input) : pool(input.mutex_condvar()) {}
  bool ask(steady_clock::time_point deadline) {
    return !pool.checkout(deadline - steady_clock::now());
  }
  mutex_condvar_pool<stub_connection>& pool;
};

class timeout : public expiring_wait<asker> {
 public:
  static constexpr std::string_view name = "mutex_condvar";
  using expiring_wait::expiring_wait;
  [[nodiscard]] exhaustion_input::outcome answer() const { return outcome(); }
};

}  // namespace mutex_condvar

namespace least {

/// A bare wait on a word that nobody changes: how late the machine itself wakes a sleeper.
struct asker {
  explicit asker(const exhaustion_input&) {}
  bool ask(steady_clock::time_point deadline) {
    while (engine::postgres::internal::futex_wait(word, 0, deadline)) {
    }
    return true;
  }
  engine::postgres::internal::futex_word word{0};
};

class timeout : public expiring_wait<asker> {
 public:
  static constexpr std::string_view name = "floor";
  using expiring_wait::expiring_wait;
  [[nodiscard]] std::string check() const { return input().mismatch(outcome()); }
};

}  // namespace least

}  // namespace headroom::pool_bench
