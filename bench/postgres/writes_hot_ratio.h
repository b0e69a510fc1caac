// How many updates are heap-only: no index entry is written for them, and no vacuum is needed to
// take the old version away.
//
// What counts are the transitions that change a row where it is: of a task to running and to
// succeeded, and of an execution to running. The end of an execution is none of them: it moves the
// row into the history, which is a DELETE and an INSERT.
//
// The candidates are two schemas under the same writer: the engine's, and one with an index on the
// status. A batch begins 1,000 executions and 2,000 tasks, and ends the same tasks when that is
// durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench {

class hot_ratio {
 public:
  static constexpr std::uint64_t batch = 50;

  /// Connects anew, if counters() has hung up.
  void prepare();
  void run();
  /// The tasks that ended last.
  [[nodiscard]] transition_input::stored answer() { return windows_[at_].feed.stored(place_); }
  /// hot_percent, as the server counts: of 100 updates of rows of tasks and active executions. It
  /// knows what a connection did when that has ended, so this ends them.
  [[nodiscard]] std::vector<counter> counters() const;

 protected:
  hot_ratio(const transition_input& input, task_place& in);

 private:
  struct figures {
    std::uint64_t updates = 0;
    std::uint64_t heap_only = 0;
  };
  [[nodiscard]] figures read() const;
  /// Tasks that begin and end together.
  struct window {
    explicit window(std::vector<task_key> tasks) : input(std::move(tasks), nullptr) {}
    transition_input input;
    transition_feed feed{input};
  };
  /// Adds the next one to the changes.
  void begin_execution();
  /// The changes, durably.
  void write();

  task_place& place_;
  std::deque<window> windows_;
  std::size_t at_ = 0;                              ///< the window that was written last
  std::vector<engine::postgres::uuid> executions_;  ///< that begin in turn
  std::size_t begun_ = 0;
  std::vector<engine::postgres::change> changes_;
  engine::postgres::receipt written_;
  mutable std::unique_ptr<engine::postgres::batch_writer> writer_;
  figures before_;
  std::uint64_t updates_ = 0;
  std::uint64_t runs_ = 0;
};

namespace ours {

class hot_ratio : public postgres_bench::hot_ratio {
 public:
  static constexpr std::string_view name = "engine";
  explicit hot_ratio(const transition_input& input)
      : postgres_bench::hot_ratio(input, task_place::of(name)) {}
};

}  // namespace ours

namespace indexed_status {

/// Finding what runs by an index on the status, as many schemas have it: each transition then is a
/// new entry in every index of the table.
class hot_ratio : public postgres_bench::hot_ratio {
 public:
  static constexpr std::string_view name = "indexed_status";
  explicit hot_ratio(const transition_input& input);
};

}  // namespace indexed_status

}  // namespace headroom::postgres_bench
