// The statements of the batch writer.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "subsystems/postgres/write_plan_internal.h"

namespace engine::postgres::batch_sql {

// Plans are made once, for any number of rows: from the given keys to each row by its key, in the
// order of the keys.
inline constexpr const char* session_settings =
    "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; "
    "SET enable_bitmapscan = off; SET enable_material = off; SET jit = off; "
    "SET plan_cache_mode = force_generic_plan; SET client_min_messages = warning; "
    "SET DateStyle = ISO; SET client_connection_check_interval = '5s'";

// Not where the server waits for more than its own disk.
inline constexpr const char* be_durable =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'";

// The first number that no other connection holds, for as long as this one lasts.
inline constexpr const char* take_slot =
    "SELECT slot FROM generate_series(0, 32767) AS slot "
    "WHERE pg_try_advisory_lock(hashtext(current_schema() || '.execution_counts'), slot) LIMIT 1";

// In the order of the keys, as every writer does: two statements that change some of the same rows
// each would lock them in two orders.
inline constexpr const char* lock_executions = R"sql(
SELECT count(*) FROM (SELECT workflow_version FROM active_executions WHERE id = ANY ($1::uuid[])
                      ORDER BY id FOR NO KEY UPDATE) AS locked)sql";

inline constexpr const char* update_executions = R"sql(
UPDATE active_executions AS e
SET status = n.status, started_at = coalesce(e.started_at, n.started_at)
FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[]) AS n(id, status, started_at)
WHERE e.id = n.id)sql";

inline constexpr const char* end_executions = R"sql(
WITH done AS (
  DELETE FROM active_executions AS e
  USING unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::timestamptz[], $5::json[],
               $6::date[]) AS n(id, status, started_at, finished_at, outcome, month)
  WHERE e.id = n.id
  RETURNING e.id, e.workflow_id, coalesce(e.started_at, n.started_at) AS started_at, n.finished_at,
            e.tenant_id, e.workflow_version, n.status, e.input, n.outcome, n.month),
moved AS (
  INSERT INTO execution_records (id, workflow_id, started_at, finished_at, tenant_id,
                                 workflow_version, status, input, outcome)
  SELECT id, workflow_id, started_at, finished_at, tenant_id, workflow_version, status, input,
         outcome
  FROM done),
counted AS (
  INSERT INTO execution_counts AS c (workflow_id, month, tenant_id, lane, succeeded, failed,
                                     cancelled)
  SELECT workflow_id, month, tenant_id, $7::smallint, count(*) FILTER (WHERE status = 2),
         count(*) FILTER (WHERE status = 3), count(*) FILTER (WHERE status = 4)
  FROM done
  GROUP BY workflow_id, month, tenant_id
  ORDER BY workflow_id, tenant_id, month
  ON CONFLICT (tenant_id, workflow_id, month, lane) DO UPDATE
  SET succeeded = c.succeeded + excluded.succeeded, failed = c.failed + excluded.failed,
      cancelled = c.cancelled + excluded.cancelled)
SELECT count(*) FROM done)sql";

inline constexpr const char* add_counts = R"sql(
INSERT INTO execution_counts AS c (workflow_id, month, tenant_id, lane, succeeded, failed, cancelled)
SELECT workflow_id, month, tenant_id, $7::smallint, succeeded, failed, cancelled
FROM unnest($1::uuid[], $2::date[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[])
  AS n(workflow_id, month, tenant_id, succeeded, failed, cancelled)
ON CONFLICT (tenant_id, workflow_id, month, lane) DO UPDATE
SET succeeded = c.succeeded + excluded.succeeded, failed = c.failed + excluded.failed,
    cancelled = c.cancelled + excluded.cancelled)sql";

inline constexpr const char* update_tasks = R"sql(
UPDATE {} AS t
SET status = n.status, attempt = n.attempt, started_at = coalesce(n.started_at, t.started_at),
    finished_at = n.finished_at
FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[], $5::timestamptz[],
            $6::timestamptz[])
  AS n(execution_id, task, status, attempt, started_at, finished_at)
WHERE t.execution_id = n.execution_id AND t.task = n.task)sql";

// A key is unique in each of the two tables; this tells whether it would be in both. The keys come
// sorted, and are mostly newer than all that is in the other table: then one look is enough for all
// of them. By a column that no index has: an index that lies the other way will not do then.
inline constexpr const char* count_doubled = R"sql(
SELECT CASE WHEN (SELECT workflow_version FROM execution_records
                  WHERE id BETWEEN ($1::uuid[])[1] AND ($1::uuid[])[cardinality($1::uuid[])]
                  ORDER BY id LIMIT 1) IS NULL
       THEN 0
       ELSE (SELECT count(workflow_version) FROM execution_records WHERE id = ANY ($1::uuid[])) END +
       CASE WHEN (SELECT workflow_version FROM active_executions
                  WHERE id BETWEEN ($2::uuid[])[1] AND ($2::uuid[])[cardinality($2::uuid[])]
                  ORDER BY id LIMIT 1) IS NULL
       THEN 0
       ELSE (SELECT count(workflow_version) FROM active_executions WHERE id = ANY ($2::uuid[])) END
)sql";

// Adds no row, and changes none, if the batch was committed before. A transaction of ours that is
// still being committed elsewhere is waited for: it holds the row.
inline std::string claim_of(const uuid& writer, unsigned lane, std::int64_t batch) {
  return fmt::format(
      "INSERT INTO writer_lanes AS l (writer, lane, batch) VALUES ('{}', {}, {}) "
      "ON CONFLICT (writer, lane) DO UPDATE SET batch = excluded.batch, seen_at = now() "
      "WHERE l.batch < excluded.batch",
      writer.text(), lane, batch);
}

struct copy_target {
  copy_rows write_plan::*rows;
  std::string_view statement;
};

inline constexpr std::array copy_targets = {
    copy_target{&write_plan::active_executions,
                "COPY active_executions (id, workflow_id, started_at, tenant_id, workflow_version, "
                "status, input) FROM STDIN (FORMAT binary)"},
    copy_target{&write_plan::execution_records,
                "COPY execution_records (id, workflow_id, started_at, finished_at, tenant_id, "
                "workflow_version, status, input, outcome) FROM STDIN (FORMAT binary)"},
    copy_target{&write_plan::task_records,
                "COPY task_records (execution_id, started_at, finished_at, task, status, attempt, "
                "name) FROM STDIN (FORMAT binary)"},
    copy_target{&write_plan::trace_spans,
                "COPY trace_spans (execution_id, started_at, finished_at, span, parent, task, "
                "name, attributes) FROM STDIN (FORMAT binary)"},
    copy_target{&write_plan::events,
                "COPY events (execution_id, at, sequence, kind, detail) "
                "FROM STDIN (FORMAT binary)"},
};

}  // namespace engine::postgres::batch_sql
