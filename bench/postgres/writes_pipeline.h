// Candidate `pipeline`: libpq's pipeline mode: a prepared statement for each row, with values in
// binary, sent without waiting for the one before, all in one transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_parameters.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench::pipeline {

inline constexpr std::string_view candidate_name = "pipeline";

/// Statements of one transaction. The mode is left when it goes.
class statements {
 public:
  explicit statements(blocking_connection& on);
  ~statements();
  statements(const statements&) = delete;
  statements& operator=(const statements&) = delete;

  void send(const char* name, std::span<const std::string_view> parameters);
  /// Commits. False if the transaction was the victim of a deadlock; throws if it failed otherwise.
  [[nodiscard]] bool commit();

 private:
  /// Sends what libpq holds back, and reads what the server has said, so that it need not wait for
  /// us.
  void flush_some();

  blocking_connection& on_;
  std::size_t sent_ = 0;
};

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
  binary_parameters parameters_;
};

/// What does not depend on how many runs are written together.
class transition_body {
 public:
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 protected:
  explicit transition_body(const transition_input& input);

  /// The last of `batch` runs writes them all.
  void run_of(std::uint64_t batch);
  [[nodiscard]] const shared_counts& counts() const { return counts_; }

 private:
  [[nodiscard]] bool write();

  shared_counts& counts_;
  task_place& place_;
  transition_feed feed_;
  blocking_connection connection_;
  binary_parameters parameters_;
  std::vector<task_transition> transitions_;
  std::uint64_t runs_ = 0;
};

/// The transitions of so many runs in one transaction, in the order in which they come.
template <std::uint64_t Runs>
class transition : public transition_body {
 public:
  static constexpr std::string_view name = candidate_name;
  static constexpr std::uint64_t batch = Runs;

  explicit transition(const transition_input& input) : transition_body(input) {}

  void run() { run_of(Runs); }
};

/// Beside another that locks the same rows in another order: deadlocks are counted.
template <std::uint64_t Runs>
class unsorted_transition : public transition<Runs> {
 public:
  using transition<Runs>::transition;

  [[nodiscard]] std::vector<counter> counters() const {
    return {this->counts().deadlocks_per_op()};
  }
};

}  // namespace headroom::postgres_bench::pipeline
