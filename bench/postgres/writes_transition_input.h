// Transitions of tasks that are stored already.
//
// Every candidate has a schema of its own with the same 20,000 executions of five tasks. A run is
// 100 transitions; a candidate that writes more at a time has that many runs in its batch, of which
// the last one writes them all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/server.h"
#include "bench/postgres/writes_connection.h"
#include "subsystems/postgres/batch_writer.h"
#include "subsystems/postgres/records.h"

namespace headroom::postgres_bench {

using engine::postgres::task_transition;

struct task_key {
  engine::postgres::uuid execution_id;
  std::int16_t task = 0;
  friend auto operator<=>(const task_key&, const task_key&) = default;
};

/// All tasks that are stored, in random order; the same for all candidates of this process.
[[nodiscard]] const std::vector<task_key>& stored_tasks();

/// A candidate's schema with these tasks, for as long as the process lives.
class task_place {
 public:
  /// Made when it is first asked for. Thread-safe.
  static task_place& of(std::string_view candidate);
  /// Where all these tasks are: a partition of task_records.
  static const std::string& partition();

  task_place();

  [[nodiscard]] const std::string& url() const { return schema_.url(); }
  /// For what is not timed; one thread at a time.
  [[nodiscard]] blocking_connection& connection() { return connection_; }

 private:
  engine_schema schema_;
  blocking_connection connection_{schema_.url()};
};

/// What the threads of one candidate have done together.
struct shared_counts {
  std::atomic<std::uint64_t> runs{0};
  std::atomic<std::uint64_t> deadlocks{0};

  [[nodiscard]] counter deadlocks_per_op() const {
    const std::uint64_t all = runs;
    return {"deadlocks_per_op",
            all == 0 ? 0 : static_cast<double>(deadlocks) / static_cast<double>(all)};
  }
};

/// What the threads of a group share. Thread-safe.
class transition_shared {
 public:
  /// One for all threads.
  [[nodiscard]] engine::postgres::batch_writer& writer(const std::string& url);
  [[nodiscard]] shared_counts& counts_of(std::string_view candidate);

 private:
  std::mutex mutex_;
  std::unique_ptr<engine::postgres::batch_writer> writer_;
  std::map<std::string, shared_counts, std::less<>> counts_;
};

/// One thread's transitions: of these tasks in turn, again and again. Items: transitions.
class transition_input {
 public:
  static constexpr std::size_t rows_per_run = 100;

  transition_input(std::vector<task_key> tasks, std::shared_ptr<transition_shared> shared)
      : tasks_(std::move(tasks)), shared_(std::move(shared)) {}

  [[nodiscard]] const std::vector<task_key>& tasks() const { return tasks_; }
  [[nodiscard]] transition_shared& shared() const { return *shared_; }
  [[nodiscard]] double items() const { return rows_per_run; }

  /// What the server has of the last transitions, and what it should have, in binary and by key.
  struct stored {
    std::string rows;
    std::string rows_wanted;
  };
  [[nodiscard]] static std::string mismatch(const stored& answer);

 private:
  std::vector<task_key> tasks_;
  std::shared_ptr<transition_shared> shared_;
};

/// The transitions of one thread in turn: a task begins to run when it comes up the first time, has
/// succeeded the next time, and so on.
class transition_feed {
 public:
  explicit transition_feed(const transition_input& input) : tasks_(input.tasks()) {}

  /// The next so many, all at a time that no others have. They are of different tasks, unless that
  /// are more than there are.
  template <class Transition>
  void next(std::size_t rows, std::vector<Transition>& into) {
    begin(rows);
    into.clear();
    for (std::size_t at = first_; at < first_ + rows; ++at) {
      into.push_back(transition(at));
    }
  }

  /// Of the last ones. No other thread is in the place.
  [[nodiscard]] transition_input::stored stored(task_place& in) const;

 private:
  void begin(std::size_t rows);
  [[nodiscard]] task_transition transition(std::size_t number) const {
    const bool succeeds = number / tasks_.size() % 2 == 1;
    const task_key& of = tasks_[number % tasks_.size()];
    using engine::postgres::task_status;
    return {of.execution_id, of.task, succeeds ? task_status::succeeded : task_status::running, 1,
            at_};
  }

  const std::vector<task_key>& tasks_;
  std::size_t first_ = 0;
  std::size_t rows_ = 0;
  engine::postgres::time_point at_;
};

}  // namespace headroom::postgres_bench
