#include <fmt/format.h>

#include "subsystems/postgres/history_sql_internal.h"

namespace engine::postgres {
namespace {

constexpr std::string_view active_columns =
    "id, workflow_id, started_at, NULL::timestamptz AS finished_at, workflow_version, status, "
    "tenant_id";
constexpr std::string_view history_columns =
    "id, workflow_id, started_at, finished_at, workflow_version, status, tenant_id";

// An index, by which rows are bounded and ordered.
//
// The first column is compared with an array of one element. As an equality the server would see
// that its value is the same in all rows, and take any index that has ids in order, such as the
// primary key, in search of a tenant that may have few; and as part of a comparison of rows it
// would not end a scan: within such a comparison only the first column does. So the scan ends where
// the tenant, the workflow or the status does.
struct key_columns {
  std::string_view bounds;
  std::string_view descending;
};

constexpr key_columns by_tenant = {"tenant_id = ANY (ARRAY[$1::integer]) AND id >= $2 AND id < $3",
                                   "tenant_id DESC, id DESC"};
constexpr key_columns by_workflow = {"workflow_id = ANY (ARRAY[$5::uuid]) AND id >= $2 AND id < $3",
                                     "workflow_id DESC, id DESC"};
constexpr key_columns by_status = {
    "tenant_id = ANY (ARRAY[$1::integer]) AND (status, id) >= ($5, $2) AND (status, id) < ($5, $3)",
    "tenant_id DESC, status DESC, id DESC"};

const key_columns& key_of(const list_shape& shape) {
  return shape.has_workflow ? by_workflow : shape.has_status ? by_status : by_tenant;
}

// What the bounds do not say already; written so that no index can serve it, or the server might
// prefer one to that of the bounds.
std::string further_conditions(const list_shape& shape, const key_columns& key) {
  std::string conditions;
  if (&key == &by_workflow) {
    conditions += " AND tenant_id IS NOT DISTINCT FROM $1";
  }
  if (shape.has_workflow && &key != &by_workflow) {
    conditions += " AND workflow_id IS NOT DISTINCT FROM $5";
  }
  if (shape.has_status && &key != &by_status) {
    conditions += fmt::format(" AND status IS NOT DISTINCT FROM ${}", shape.has_workflow ? 6 : 5);
  }
  return conditions;
}

std::string stretch(std::string_view columns, const std::string& table, const list_shape& shape,
                    const key_columns& key) {
  return fmt::format("(SELECT {} FROM {} WHERE {}{} ORDER BY {} LIMIT $4)", columns, table,
                     key.bounds, further_conditions(shape, key), key.descending);
}

std::string active_or_partition(std::string_view further, const month* partition) {
  std::string text = fmt::format(
      "SELECT {}, input, NULL::json AS outcome FROM active_executions WHERE id = $1 AND "
      "tenant_id = $2{}",
      active_columns, further);
  if (partition != nullptr) {
    text += fmt::format(
        " UNION ALL SELECT {}, input, outcome FROM {} WHERE id = $1 AND tenant_id = $2{}",
        history_columns, partition_name_of("execution_records", *partition), further);
  }
  return text;
}

}  // namespace

std::string list_statement(const list_shape& shape, std::span<const month> months) {
  const key_columns& key = key_of(shape);
  std::string text;
  if (shape.reads_active) {
    text = stretch(active_columns, "active_executions", shape, by_tenant);
  }
  for (const month& each : months) {
    if (shape.reads_history) {
      text += text.empty() ? "" : " UNION ALL ";
      text += stretch(history_columns, partition_name_of("execution_records", each), shape, key);
    }
  }
  const std::size_t stretches =
      (shape.reads_active ? 1U : 0U) + (shape.reads_history ? months.size() : 0U);
  if (stretches > 1) {
    // In the order that every stretch has, the server merges; otherwise it sorts a page or two.
    const bool has_one_order = !shape.reads_active || &key == &by_tenant;
    text += fmt::format(" ORDER BY {} LIMIT $4", has_one_order ? key.descending : "id DESC");
  }
  return text;
}

std::string get_statement(const month* partition) { return active_or_partition("", partition); }

std::string trace_statement(const month* partition) {
  // Read once: what is found there is what tasks and spans are looked for by.
  std::string text = fmt::format(
      "WITH found AS MATERIALIZED ({}) SELECT 0::smallint AS kind, workflow_version AS number, "
      "0 AS parent, 0::smallint AS task, status, started_at, finished_at, input::text AS text, "
      "outcome::text AS document, workflow_id FROM found",
      active_or_partition("", partition));
  if (partition != nullptr) {
    text += fmt::format(
        " UNION ALL (SELECT 1::smallint, task::integer, 0, attempt, status, started_at, "
        "finished_at, name, NULL::text, NULL::uuid FROM {} WHERE execution_id = (SELECT id FROM "
        "found) ORDER BY task)"
        " UNION ALL (SELECT 2::smallint, span, parent, task, 0::smallint, started_at, finished_at, "
        "name, attributes::text, NULL::uuid FROM {} WHERE execution_id = (SELECT id FROM found) "
        "ORDER BY span LIMIT $3)",
        partition_name_of("task_records", *partition),
        partition_name_of("trace_spans", *partition));
  } else {
    text += " LIMIT $3";  // the same parameters in both
  }
  return text;
}

// What is over was counted when it ended; what is active is few.
std::string count_statement(bool of_workflow) {
  const std::string_view further = of_workflow ? " AND workflow_id = $2" : "";
  return fmt::format(
      "SELECT pending, running, succeeded, failed, cancelled FROM "
      "(SELECT count(*) FILTER (WHERE status = 0) AS pending, count(*) FILTER (WHERE status = 1) "
      "AS running FROM active_executions WHERE tenant_id = $1{}) AS active, "
      "(SELECT coalesce(sum(succeeded), 0)::bigint AS succeeded, coalesce(sum(failed), 0)::bigint "
      "AS failed, coalesce(sum(cancelled), 0)::bigint AS cancelled FROM execution_counts "
      "WHERE tenant_id = $1{}) AS over",
      further, further);
}

std::string months_statement() {
  return "SELECT right(relname, 6)::integer FROM pg_inherits JOIN pg_class ON oid = inhrelid "
         "WHERE inhparent = 'execution_records'::regclass "
         "AND relname ~ '^execution_records_[0-9]{6}$' ORDER BY 1 DESC";
}

}  // namespace engine::postgres
