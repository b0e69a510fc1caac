// One transition, and waiting until it is durable: what a caller sees that has one thing to write.
//
// Each thread is such a caller. Latencies of a single one are the candidate's counters; those of
// several are taken by the driver.
#pragma once

#include <chrono>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <string_view>
#include <vector>

#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_latency.h"
#include "bench/postgres/writes_row_at_a_time.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench {

/// Items: one transition.
class acknowledge_input : public transition_input {
 public:
  using transition_input::transition_input;
  [[nodiscard]] static double items() { return 1; }
};

namespace ours {

/// Callers share the writer.
class acknowledge {
 public:
  static constexpr std::string_view name = "engine";

  explicit acknowledge(const acknowledge_input& input)
      : place_(task_place::of(name)), feed_(input), writer_(input.shared().writer(place_.url())) {
    run();  // The first one has to connect.
    latencies_ = {};
  }

  void run() {
    const auto start = latency_figures::clock::now();
    feed_.next(1, changes_);
    require(writer_.write(changes_));
    latencies_.record(latency_figures::clock::now() - start);
  }
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }
  [[nodiscard]] std::vector<counter> counters() const { return latencies_.counters(); }

 private:
  task_place& place_;
  transition_feed feed_;
  batch_writer& writer_;
  std::vector<change> changes_;
  latency_figures latencies_;
};

}  // namespace ours

namespace row_at_a_time {

/// Each caller has a connection.
class acknowledge {
 public:
  static constexpr std::string_view name = candidate_name;

  explicit acknowledge(const acknowledge_input& input)
      : place_(task_place::of(name)), feed_(input), connection_(place_.url()) {
    prepare_updates(connection_);
  }

  void run() {
    const auto start = latency_figures::clock::now();
    feed_.next(1, transitions_);
    pqxx::nontransaction work(connection_);
    update(work, transitions_.front());
    latencies_.record(latency_figures::clock::now() - start);
  }
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }
  [[nodiscard]] std::vector<counter> counters() const { return latencies_.counters(); }

 private:
  task_place& place_;
  transition_feed feed_;
  pqxx::connection connection_;
  std::vector<task_transition> transitions_;
  latency_figures latencies_;
};

}  // namespace row_at_a_time

}  // namespace headroom::postgres_bench
