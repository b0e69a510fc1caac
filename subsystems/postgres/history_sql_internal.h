// The texts of the history's statements. Made of our own words and numbers only: what a client says
// is bound.
#pragma once

#include <span>
#include <string>

#include "subsystems/postgres/month.h"

namespace engine::postgres {

/// Which conditions a list has, and thereby which tables and which index.
struct list_shape {
  bool has_workflow = false;
  bool has_status = false;
  bool reads_active = true;
  bool reads_history = true;

  /// A number that stands for it.
  [[nodiscard]] int code() const {
    return (has_workflow ? 1 : 0) | (has_status ? 2 : 0) | (reads_active ? 4 : 0) |
           (reads_history ? 8 : 0);
  }
};

/// Parameters: $1 tenant, $2 lowest key, $3 key above the highest, $4 rows at most; then the
/// workflow, if the shape has one; then the status, if it has one. Columns: id, workflow, started,
/// finished, version, status. Rows are ordered, newest first. Empty if there is nothing to read.
[[nodiscard]] std::string list_statement(const list_shape& shape, std::span<const month> months);

/// $1 key, $2 tenant. Columns: as a list's, and input and outcome. `partition` is the month's, null
/// if there is none.
[[nodiscard]] std::string get_statement(const month* partition);

/// What a row of a trace is.
enum class trace_row : std::int16_t { execution, task, span };

/// $1 key, $2 tenant, $3 spans at most. Columns: trace_row, number, parent, task or attempt,
/// status, started, finished, name or input, attributes or outcome, workflow. The execution comes
/// first.
[[nodiscard]] std::string trace_statement(const month* partition);

/// $1 tenant, then the workflow if it is of one. Columns as execution_totals.
[[nodiscard]] std::string count_statement(bool of_workflow);

/// Months as yyyymm for which there is a partition of execution_records, newest first.
[[nodiscard]] std::string months_statement();

/// Run before all of them: plans are made once and may rest on no statistics. What is turned off is
/// still done where nothing else is possible.
inline constexpr const char* history_settings =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
    "SET enable_bitmapscan = off; SET enable_sort = off; SET enable_incremental_sort = off; "
    "SET jit = off";

}  // namespace engine::postgres
