// Executions to be stored: new rows of active_executions, and of task_records if they have tasks.
//
// Every candidate has a schema of its own of the same shape, and gets executions whose keys are new
// and which lie in memory as a program has them. Thread-compatible.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/server.h"
#include "bench/postgres/writes_connection.h"
#include "subsystems/postgres/records.h"

namespace headroom::postgres_bench {

using engine::postgres::new_execution;

/// So many executions a run, and tasks in each. Items: executions.
class insert_input {
 public:
  insert_input(std::size_t rows, std::size_t tasks);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t tasks() const { return tasks_; }
  [[nodiscard]] double items() const { return static_cast<double>(rows_); }

  /// Of 1,000 workflows and 50 tenants, with an input of some 90 bytes, and new keys. Refer to
  /// the input.
  void make(std::vector<new_execution>& into) const;

  /// What the server has of the last run, and what it should have, both in binary and by key.
  struct stored {
    std::string executions;
    std::string executions_wanted;
    std::string tasks;
    std::string tasks_wanted;
  };
  [[nodiscard]] static std::string mismatch(const stored& answer);

 private:
  std::size_t rows_;
  std::size_t tasks_;
  std::vector<engine::postgres::uuid> workflows_;
  std::vector<std::string> inputs_;
  std::vector<std::string_view> task_names_;
};

/// The COPY of the columns of both tables.
extern const char* const copy_executions;
extern const char* const copy_tasks;

/// Executions in the format of these.
[[nodiscard]] std::string execution_rows(std::span<const new_execution> of);
[[nodiscard]] std::string task_rows(std::span<const new_execution> of);

/// What every candidate for inserting has: its schema, and the executions of the next run. A schema
/// is emptied when it holds more than rows_max executions.
class insert_target {
 public:
  static constexpr std::size_t rows_max = 500'000;

  /// Of the candidate of that name, the same one in every group.
  insert_target(const insert_input& input, std::string_view candidate);

  /// Makes the executions of the next run.
  void renew();
  [[nodiscard]] const std::vector<new_execution>& executions() const { return executions_; }
  [[nodiscard]] bool has_tasks() const { return input_.tasks() > 0; }
  [[nodiscard]] const std::string& url() const { return place_->schema.url(); }
  /// Of the last run.
  [[nodiscard]] insert_input::stored stored();

 private:
  struct place {
    engine_schema schema;
    blocking_connection connection{schema.url()};
    std::size_t rows = 0;  ///< at most
  };
  static place& place_of(std::string_view candidate);

  const insert_input& input_;
  place* place_;  // lives as long as the process
  std::vector<new_execution> executions_;
};

}  // namespace headroom::postgres_bench
