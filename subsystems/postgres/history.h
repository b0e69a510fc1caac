// What a client asks of the history: lists, single executions, traces and counts.
//
// Every query names a tenant and sees nothing of others. Values travel as bound parameters, in
// binary, to statements that are prepared when they are first needed and kept with the session.
//
// - Lists are read by the index in whose order they are, from a key on: a page costs what its rows
//   cost, wherever it lies. A row's month is in its key, so a page is looked for in the partition
//   of its month, and only if that has too few rows, in all others together: two statements at
//   most. Each reads its stretch of keys from the active executions and from the history in one
//   snapshot, so that an execution which is over in between is neither missed nor listed twice.
// - Pages are stable: walking them, one sees every execution that was there at the start and
//   matched all the while, once.
// - Plans are made once and for all values, and may not depend on statistics: conditions and order
//   are written so that the index in question alone can serve them (history_sql.cc). Asked for
//   "tenant_id = $1 ... ORDER BY id", the server may well walk the primary key in search of a
//   tenant that has few rows. Status and workflow together are looked for among the workflow's
//   executions.
//
// Does not own the session, which is to have one history at most, and on which it turns off
// sequential and bitmap scans, sorts, custom plans and just-in-time compilation. Not thread-safe.
// After errc::connection_lost, make another on a new session.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "subsystems/postgres/month.h"
#include "subsystems/postgres/prepared.h"
#include "subsystems/postgres/session.h"
#include "subsystems/postgres/views.h"

namespace engine::postgres {

/// Which executions: those for which all that is said holds.
struct execution_filter {
  std::optional<uuid> workflow_id = std::nullopt;
  std::optional<execution_status> status = std::nullopt;
  /// Begun in [from, until), by the time of their keys: to the millisecond.
  std::optional<time_point> from = std::nullopt;
  std::optional<time_point> until = std::nullopt;
};

struct history_options {
  /// Of a call. The connection is lost then, as session.h says.
  std::chrono::milliseconds timeout{10'000};
  /// How long a month that another program has made may stay unseen.
  std::chrono::milliseconds months_age_max{1'000};
  /// Prepared at a time, some 50 KB each at the server; those longest there make room.
  std::size_t statements_max = 128;
  /// In a trace.
  std::int32_t spans_max = 10'000;
  /// What time it is: months from the present one on are read together.
  time_point (*clock)() = now;
};

/// Beside what is said below, each call fails with errc::connection_lost, or errc::query_failed
/// with what the server said.
class history {
 public:
  explicit history(session& on, const history_options& options = {});

  /// Newest first. errc::bad_input if the size is not 1 to page_size_max or `from` is after
  /// `until`; errc::bad_cursor if `after` is not from a page of this tenant and filter.
  [[nodiscard]] result<page<execution_summary>> list_executions(std::int32_t tenant,
                                                                const execution_filter& filter,
                                                                const page_request& request = {});

  /// errc::not_found if the tenant has none of that key.
  [[nodiscard]] result<execution_view> get(std::int32_t tenant, const uuid& id);

  /// With its tasks and spans. errc::not_found as get().
  [[nodiscard]] result<execution_trace> get_trace(std::int32_t tenant, const uuid& id);

  /// Of the tenant, or of one of its workflows, by status. Those that are over are not looked at:
  /// they are sums of execution_counts, a few rows for each workflow and month. Those that are not
  /// are counted. All zero for what is unknown.
  [[nodiscard]] result<execution_totals> count(std::int32_t tenant,
                                               const std::optional<uuid>& workflow_id = {});

 private:
  struct key_range {
    uuid lower;
    uuid upper;  ///< excluded
  };
  struct list_query;

  [[nodiscard]] result<void> refresh_months();
  [[nodiscard]] result<bool> has_month(const uuid& id);
  [[nodiscard]] std::span<const month> months_within(const key_range& range) const;
  [[nodiscard]] std::size_t first_portion(std::span<const month> months) const;
  [[nodiscard]] result<void> read_list(const list_query& query,
                                       std::vector<execution_summary>& into);
  [[nodiscard]] result<void> read_portion(const list_query& query, const key_range& range,
                                          std::span<const month> months,
                                          std::vector<execution_summary>& into);
  [[nodiscard]] result<query_result> read_one(std::string_view kind, std::int32_t tenant,
                                              const uuid& id);

  history_options options_;
  prepared_statements statements_;
  std::vector<month> months_;  ///< that have partitions, newest first
  std::optional<std::chrono::steady_clock::time_point> months_read_at_;
};

}  // namespace engine::postgres
