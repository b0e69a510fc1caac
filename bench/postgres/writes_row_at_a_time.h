// Candidate `row_at_a_time`: a prepared statement for each row, by libpqxx, each a transaction of
// its own: what a program does that writes each change when it happens.
#pragma once

#include <cstdint>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/transaction>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench::row_at_a_time {

inline constexpr std::string_view candidate_name = "row_at_a_time";

/// An execution with its tasks is one transaction.
class insert {
 public:
  static constexpr std::string_view name = candidate_name;

  explicit insert(const insert_input& input);

  void prepare() { target_.renew(); }
  void run();
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }

 private:
  static void insert_execution(pqxx::transaction_base& in, const new_execution& begun);

  insert_target target_;
  pqxx::connection connection_;
};

class transition {
 public:
  static constexpr std::string_view name = candidate_name;

  explicit transition(const transition_input& input);

  void run();
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }

 private:
  task_place& place_;
  transition_feed feed_;
  pqxx::connection connection_;
  std::vector<task_transition> transitions_;
};

/// "2024-03-01 12:30:00.123456+00".
[[nodiscard]] std::string text_of(engine::postgres::time_point at);
void prepare_updates(pqxx::connection& on);
/// One of them.
void update(pqxx::transaction_base& in, const task_transition& made);

}  // namespace headroom::postgres_bench::row_at_a_time
