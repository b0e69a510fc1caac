// Candidate `unnest`: one prepared statement for many rows, whose columns are arrays, in binary.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_transition_arrays.h"

namespace headroom::postgres_bench::unnest {

inline constexpr std::string_view candidate_name = "unnest";

/// All rows of a run in one statement.
class insert {
 public:
  static constexpr std::string_view name = candidate_name;

  explicit insert(const insert_input& input);

  void prepare() { target_.renew(); }
  void run();
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }

 private:
  insert_target target_;
  blocking_connection connection_;
  engine::postgres::array_parameter ids_{engine::postgres::uuid_type};
  engine::postgres::array_parameter workflows_{engine::postgres::uuid_type};
  engine::postgres::array_parameter tenants_{engine::postgres::int4_type};
  engine::postgres::array_parameter versions_{engine::postgres::int4_type};
  engine::postgres::array_parameter statuses_{engine::postgres::int2_type};
  engine::postgres::array_parameter inputs_{engine::postgres::json_type};
};

enum class row_order {
  by_key,        ///< all of them
  last_by_key,   ///< of each task the last, as a statement does not change a row twice
  as_they_come,  ///< all of them
};

/// What does not depend on how many runs are written together.
class transition_body {
 public:
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 protected:
  explicit transition_body(const transition_input& input, std::string_view name = candidate_name);

  /// The last of `batch` runs writes them all.
  void run_in(row_order order, std::uint64_t batch);

  [[nodiscard]] const shared_counts& counts() const { return counts_; }

 private:
  void write();

  shared_counts& counts_;
  task_place& place_;
  transition_feed feed_;
  blocking_connection connection_;
  std::vector<task_transition> transitions_;
  transition_arrays arrays_;
  std::uint64_t runs_ = 0;
};

/// The transitions of so many runs in one statement, sorted by key.
template <std::uint64_t Runs>
class transition : public transition_body {
 public:
  static constexpr std::string_view name = candidate_name;
  static constexpr std::uint64_t batch = Runs;

  explicit transition(const transition_input& input) : transition_body(input) {}

  void run() { run_in(row_order::by_key, Runs); }
};

/// The last transition of each task among so many runs in one statement, sorted by key.
template <std::uint64_t Runs>
class last_transition : public transition_body {
 public:
  static constexpr std::string_view name = candidate_name;
  static constexpr std::uint64_t batch = Runs;

  explicit last_transition(const transition_input& input) : transition_body(input) {}

  void run() { run_in(row_order::last_by_key, Runs); }
};

/// In the order in which they come: two that lock the same rows in different orders deadlock, and
/// the one that the server gives up is written again.
template <std::uint64_t Runs>
class unsorted_transition : public transition_body {
 public:
  static constexpr std::string_view name = "unnest_unsorted";
  static constexpr std::uint64_t batch = Runs;

  explicit unsorted_transition(const transition_input& input) : transition_body(input, name) {}

  void run() { run_in(row_order::as_they_come, Runs); }
  [[nodiscard]] std::vector<counter> counters() const { return {counts().deadlocks_per_op()}; }
};

}  // namespace headroom::postgres_bench::unnest
