// Candidate `floor`: the least work for rows that are durable.
//
// - Inserting: COPY of the same bytes into the same tables in one transaction. The bytes are
//   written before, in the binary format, so the server neither parses a statement for each row nor
//   converts text, and the log is flushed once. What is left, the rows, their index entries and
//   their log records, is what storing them is.
// - Transitions: an update for each row is what the table needs, and finding the row by its key is
//   the least for that. The keys come sorted, in arrays that are written before, half of them in
//   one statement on each of two connections, so that both processors work and each page is visited
//   once; each half is one transaction, and the log is flushed twice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_transition_arrays.h"

namespace headroom::postgres_bench::least {

class insert {
 public:
  static constexpr std::string_view name = "floor";

  explicit insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {}

  void prepare() {
    target_.renew();
    executions_ = execution_rows(target_.executions());
    tasks_ = task_rows(target_.executions());
  }
  void run() {
    if (!target_.has_tasks()) {
      connection_.copy_in(copy_executions, executions_);  // A transaction by itself.
      return;
    }
    connection_.execute("BEGIN");
    connection_.copy_in(copy_executions, executions_);
    connection_.copy_in(copy_tasks, tasks_);
    connection_.execute("COMMIT");
  }
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }

 private:
  insert_target target_;
  blocking_connection connection_;
  std::string executions_;
  std::string tasks_;
};

template <std::uint64_t Runs>
class transition {
 public:
  static constexpr std::string_view name = "floor";
  static constexpr std::uint64_t batch = Runs;

  explicit transition(const transition_input& input)
      : place_(task_place::of(name)), feed_(input), halves_{half(place_), half(place_)} {}

  void prepare() {
    feed_.next(Runs * transition_input::rows_per_run, transitions_);
    sort_by_key(transitions_);
    const auto all = std::span(std::as_const(transitions_));
    const std::size_t middle = all.size() / 2;
    halves_[0].arrays.assign(all.first(middle));
    halves_[1].arrays.assign(all.subspan(middle));
    runs_ = 0;
  }
  void run() {
    if (++runs_ < Runs) {
      return;
    }
    for (half& each : halves_) {
      each.connection.send("update", each.arrays.views());
    }
    for (half& each : halves_) {
      blocking_connection::require_success(each.connection.receive());
    }
  }
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 private:
  struct half {
    explicit half(const task_place& in) : connection(in.url()) {
      // One plan, for any number of rows: from each key to its row.
      connection.execute(
          "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; "
          "SET enable_mergejoin = off; SET enable_seqscan = off");
      connection.prepare("update", unnest_update(task_place::partition()));
    }
    blocking_connection connection;
    transition_arrays arrays;
  };

  task_place& place_;
  transition_feed feed_;
  std::array<half, 2> halves_;
  std::vector<task_transition> transitions_;
  std::uint64_t runs_ = 0;
};

}  // namespace headroom::postgres_bench::least
