#include "bench/postgres/list_offset.h"

#include <fmt/format.h>

namespace headroom::postgres_bench::offset {
namespace {

namespace store = engine::postgres;

std::string sql_of(list_kind kind) {
  const bool by_status = kind == list_kind::status;
  // As the engine writes it: other forms have the server take another index, or read on.
  const std::string_view bounds =
      by_status ? "(status, id) >= ($6, $2) AND (status, id) < ($6, $3)" : "id >= $2 AND id < $3";
  const std::string_view order =
      by_status ? "tenant_id DESC, status DESC, id DESC" : "tenant_id DESC, id DESC";
  std::string sql;
  const auto add = [&](std::string_view finished, const std::string& table) {
    sql += fmt::format(
        "{}(SELECT id, workflow_id, started_at, {} AS finished_at, workflow_version, status, "
        "tenant_id FROM {} WHERE tenant_id = ANY (ARRAY[$1::integer]) AND {} ORDER BY {} LIMIT "
        "$4::bigint + $5::bigint)",
        sql.empty() ? "" : " UNION ALL ", finished, table, bounds, order);
  };
  if (!by_status) {
    add("NULL::timestamptz", "active_executions");
  }
  const auto& history = seeded_server().history();
  for (store::month each = history.last_month().plus(2); each >= history.first_month();
       each = each.plus(-1)) {
    add("finished_at", store::partition_name_of("execution_records", each));
  }
  return sql + fmt::format(" ORDER BY {} LIMIT $4 OFFSET $5", order);
}

}  // namespace

list::list(const list_input& input) : input_(input), sql_(sql_of(input.kind())) {}

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
  }
  rows_ = input_.link().run(asked.filter.status ? "offset_status" : "offset", sql_, with);
}

}  // namespace headroom::postgres_bench::offset
