#include "bench/postgres/list_offset.h"

#include <fmt/format.h>

namespace headroom::postgres_bench::offset {
namespace {

namespace store = engine::postgres;

// As the engine writes it: other forms have the server take another index, or read on.
struct key_columns {
  std::string_view bounds;
  std::string_view descending;
  std::string_view keys;  ///< beside the id
};
constexpr key_columns by_tenant = {"tenant_id = ANY (ARRAY[$1::integer]) AND id >= $2 AND id < $3",
                                   "tenant_id DESC, id DESC", "tenant_id"};
constexpr key_columns by_status = {
    "tenant_id = ANY (ARRAY[$1::integer]) AND (status, id) >= ($6, $2) AND (status, id) < ($6, $3)",
    "tenant_id DESC, status DESC, id DESC", "tenant_id, status"};
// A workflow is of one tenant.
constexpr key_columns by_workflow = {"workflow_id = ANY (ARRAY[$6::uuid]) AND id >= $2 AND id < $3",
                                     "workflow_id DESC, id DESC", "workflow_id"};

const key_columns& key_of(list_kind kind) {
  return kind == list_kind::status     ? by_status
         : kind == list_kind::workflow ? by_workflow
                                       : by_tenant;
}

std::string all_columns(std::string_view finished) {
  return fmt::format(
      "id, workflow_id, started_at, {} AS finished_at, workflow_version, status, tenant_id",
      finished);
}

// The page, with these columns of each row; empty: all.
std::string page_of(list_kind kind, std::string_view columns) {
  const key_columns& key = key_of(kind);
  std::string sql;
  const auto add = [&](std::string_view finished, const std::string& table, const key_columns& by,
                       std::string_view further) {
    sql += fmt::format("{}(SELECT {} FROM {} WHERE {}{} ORDER BY {} LIMIT $4::bigint + $5::bigint)",
                       sql.empty() ? "" : " UNION ALL ",
                       columns.empty() ? all_columns(finished) : columns, table, by.bounds, further,
                       by.descending);
  };
  if (kind == list_kind::workflow) {
    add("NULL::timestamptz", "active_executions", by_tenant,
        " AND workflow_id IS NOT DISTINCT FROM $6");
  } else if (kind != list_kind::status) {
    add("NULL::timestamptz", "active_executions", key, "");
  }
  const auto& history = seeded_server().history();
  for (store::month each = history.last_month().plus(2); each >= history.first_month();
       each = each.plus(-1)) {
    add("finished_at", store::partition_name_of("execution_records", each), key, "");
  }
  // With two orders the server cannot merge: it sorts what is before the page.
  return sql + fmt::format(" ORDER BY {} LIMIT $4 OFFSET $5",
                           kind == list_kind::workflow ? "id DESC" : key.descending);
}

std::string late_join_of(list_kind kind) {
  return fmt::format(
      "SELECT found.* FROM (SELECT id AS key FROM ({}) AS page) AS wanted CROSS JOIN LATERAL "
      "(SELECT {} FROM active_executions WHERE id = key UNION ALL SELECT {} FROM "
      "execution_records WHERE id = key) AS found ORDER BY id DESC",
      page_of(kind, fmt::format("id, {}", key_of(kind).keys)), all_columns("NULL::timestamptz"),
      all_columns("finished_at"));
}

}  // namespace

list::list(const list_input& input, std::string_view statement, bool joins_late)
    : input_(input),
      statement_(statement),
      sql_(joins_late ? late_join_of(input.kind()) : page_of(input.kind(), {})) {}

void list::run() {
  at_ = (at_ + 1) % input_.cases().size();
  const list_case& asked = input_.cases()[at_];
  store::uuid lower;
  store::uuid upper;
  upper.bytes.fill(0xff);
  if (asked.filter.from) {
    lower = store::first_uuid_of(*asked.filter.from);
  }
  if (asked.filter.until) {
    upper = store::first_uuid_of(*asked.filter.until);
  }
  store::parameters with;
  with.add(asked.tenant).add(lower).add(upper);
  with.add(std::int64_t{list_input::page_size}).add(asked.offset);
  if (asked.filter.status) {
    with.add(static_cast<std::int16_t>(*asked.filter.status));
  } else if (asked.filter.workflow_id) {
    with.add(*asked.filter.workflow_id);
  }
  rows_ = input_.link().run(statement_, sql_, with);
}

}  // namespace headroom::postgres_bench::offset
