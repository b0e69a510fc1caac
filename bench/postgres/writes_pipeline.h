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

/// 1,000 transitions in one transaction, in the order in which they come.
class transition {
 public:
  static constexpr std::string_view name = candidate_name;
  static constexpr std::uint64_t batch = 10;

  explicit transition(const transition_input& input);

  void run();
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 protected:
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

/// Beside another that locks the same rows in another order: deadlocks are counted.
class unsorted_transition : public transition {
 public:
  using transition::transition;

  [[nodiscard]] std::vector<counter> counters() const { return {counts().deadlocks_per_op()}; }
};

}  // namespace headroom::postgres_bench::pipeline
