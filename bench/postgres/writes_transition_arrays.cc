#include "bench/postgres/writes_transition_arrays.h"

#include <fmt/format.h>

namespace headroom::postgres_bench {

std::string unnest_update(const std::string& partition) {
  return fmt::format(
      "UPDATE {} AS t SET status = n.status, attempt = n.attempt, "
      "started_at = coalesce(n.started_at, t.started_at), finished_at = n.finished_at "
      "FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[], $5::timestamptz[], "
      "$6::timestamptz[]) AS n(execution_id, task, status, attempt, started_at, finished_at) "
      "WHERE t.execution_id = n.execution_id AND t.task = n.task",
      partition);
}

void transition_arrays::assign(std::span<const task_transition> transitions) {
  using time = std::optional<engine::postgres::time_point>;
  executions_.clear();
  tasks_.clear();
  statuses_.clear();
  attempts_.clear();
  starts_.clear();
  finishes_.clear();
  for (const task_transition& each : transitions) {
    const bool is_over = is_final(each.status);
    executions_.add(each.execution_id);
    tasks_.add(each.task);
    statuses_.add(static_cast<std::int16_t>(each.status));
    attempts_.add(each.attempt);
    starts_.add(is_over ? time() : time(each.at));
    finishes_.add(is_over ? time(each.at) : time());
  }
}

}  // namespace headroom::postgres_bench
