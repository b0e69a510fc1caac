// Partitions of the history by month: made ahead of need, and dropped when they have expired.
//
// Four tables are partitioned: execution_records, task_records, trace_spans and events. A row
// without a partition is refused by the server, so those of a month must be there before it begins
// (partition_keeper.h sees to that). Names are not qualified, as in migration.h. Several programs
// may call this at the same time. The connection must have no transaction open.
#pragma once

#include <array>
#include <chrono>
#include <pqxx/connection>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/postgres/month.h"

namespace engine::postgres {

inline constexpr std::array<std::string_view, 4> partitioned_tables = {
    "execution_records", "task_records", "trace_spans", "events"};

/// Percent of a page of task_records that new rows fill while the month's executions change.
inline constexpr int open_task_fillfactor = 40;

struct partition_options {
  /// Nothing of these months changes any more: task_records need no room for updates. Otherwise
  /// 60 % of each page is left free, so that all rows of a page may change in one transaction and
  /// every update still is a heap-only one.
  bool is_closed = false;
  /// How long a table's lock is waited for. While it is waited for, those who come later wait, too;
  /// and below the server's deadlock_timeout of 1 s this, not a stranger, is what gives up.
  std::chrono::milliseconds lock_timeout{500};
};

/// Makes what is not there yet of the months `first` to `last`, both included, in one transaction,
/// which does not hold up readers or writers. Returns how many tables were made.
/// errc::query_failed, with nothing made.
[[nodiscard]] result<int> make_partitions(pqxx::connection& on, month first, month last,
                                          const partition_options& options = {});

struct retention_report {
  struct kept {
    month which;
    std::string why;
  };
  std::vector<month> dropped = {};
  /// Expired, and there still.
  std::vector<kept> kept_back = {};
};

/// Drops each month that is over at `before`, in a transaction of its own, with its rows of
/// execution_counts. Keeps a month in which an execution is not over, or whose tables are locked
/// for longer than the options say. errc::query_failed; months already dropped remain so.
[[nodiscard]] result<retention_report> drop_partitions(pqxx::connection& on, time_point before,
                                                       const partition_options& options = {});

/// Months of which at least one table has its partition, in order.
[[nodiscard]] result<std::vector<month>> partitioned_months(pqxx::connection& on);

}  // namespace engine::postgres
