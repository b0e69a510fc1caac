// Statements of one pipeline: sent one after the other, then their results compared with the rows
// that each was to touch.
//
// Not thread-safe; the session is in pipeline mode for as long as one of these is there.
#pragma once

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/postgres/commit_failure_internal.h"
#include "subsystems/postgres/write_plan_internal.h"

namespace engine::postgres {

class batch_pipeline {
 public:
  /// The server is given up once it has not answered for so long.
  batch_pipeline(session& on, std::chrono::milliseconds answer_timeout)
      : on_(on), answer_timeout_(answer_timeout) {
    PQenterPipelineMode(on_.native());
  }
  ~batch_pipeline() { PQexitPipelineMode(on_.native()); }
  batch_pipeline(const batch_pipeline&) = delete;
  batch_pipeline& operator=(const batch_pipeline&) = delete;

  enum class rows { any, all_updated, all_counted, none_counted, none_if_committed };

  void send(const char* sql, rows wanted);
  /// Of a statement that is prepared; `count` rows of `table`.
  void send_prepared(const char* name, std::initializer_list<std::string_view> parameters,
                     rows wanted, std::size_t count = 0, std::string_view table = {});
  /// By task_statement_name().
  void send_tasks(task_updates& of);

  /// Waits for all results, and returns the first failure. `is_committed` becomes true if a
  /// statement says that the batch was committed before.
  [[nodiscard]] std::optional<commit_failure> finish(bool& is_committed);

 private:
  struct statement {
    rows wanted;
    std::size_t count;
    std::string_view table;
    std::optional<month> tasks_of;
  };

  [[nodiscard]] query_result next_result() {
    return on_.next_result(std::chrono::steady_clock::now() + answer_timeout_);
  }
  std::optional<commit_failure> judge(const statement& of, const PGresult* got, bool& is_committed);
  commit_failure failure_of(const statement& of, const PGresult* got);

  session& on_;
  std::chrono::milliseconds answer_timeout_;
  std::vector<statement> sent_;
};

/// The statement for the tasks of that month.
[[nodiscard]] std::string task_statement_name(month of);

/// As PQcmdTuples() and PQgetvalue() give one.
[[nodiscard]] std::size_t number_in(const char* text);

}  // namespace engine::postgres
