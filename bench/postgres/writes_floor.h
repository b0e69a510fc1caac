// Candidate `floor`: the least work for rows that are durable.
//
// - Inserting: COPY of the same bytes into the same tables in one transaction. The bytes are
//   written before, in the binary format, so the server neither parses a statement for each row nor
//   converts text, and the log is flushed once. What is left, the rows, their index entries and
//   their log records, is what storing them is.
// - Transitions: an update for each row is what the table needs, and finding the row by its key is
//   the least for that. The keys come sorted, in arrays that are written before, in one statement
//   on each of as many connections as the input says: two for one caller, half of the rows on each,
//   so that both processors work and each page is visited once; one for each of several callers.
//   What a connection writes is one transaction, for which the log is flushed once. Several
//   callers, whom the driver does not stop to prepare, write their arrays in the timed part, so
//   theirs is what `unnest` does. Taking turns on fewer connections is no less: processors then
//   wait for the disk (two connections 280 us for 100 transitions, eight 250 us).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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

template <std::uint64_t Runs, std::size_t Connections>
class transition {
 public:
  static constexpr std::string_view name = "floor";
  static constexpr std::uint64_t batch = Runs;

  explicit transition(const transition_input& input) : place_(task_place::of(name)), feed_(input) {
    for (std::size_t made = 0; made < Connections; ++made) {
      shares_.emplace_back(place_);
    }
  }

  void prepare() {
    feed_.next(Runs * transition_input::rows_per_run, transitions_);
    sort_by_key(transitions_);
    const auto all = std::span(std::as_const(transitions_));
    const std::size_t each = all.size() / Connections;
    for (std::size_t at = 0; at < Connections; ++at) {
      shares_[at].arrays.assign(all.subspan(at * each, each));
    }
    runs_ = 0;
    is_prepared_ = true;
  }
  void run() {
    if (++runs_ % Runs != 0) {
      return;
    }
    if (!is_prepared_) {
      prepare();
    }
    is_prepared_ = false;
    for (share& each : shares_) {
      each.connection.send("update", each.arrays.views());
    }
    for (share& each : shares_) {
      blocking_connection::require_success(each.connection.receive());
    }
  }
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 private:
  static_assert(Runs * transition_input::rows_per_run % Connections == 0);

  struct share {
    explicit share(const task_place& in) : connection(in.url()) {
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
  std::deque<share> shares_;
  std::vector<task_transition> transitions_;
  std::uint64_t runs_ = 0;
  bool is_prepared_ = false;
};

}  // namespace headroom::postgres_bench::least
