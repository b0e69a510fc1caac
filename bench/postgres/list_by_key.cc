#include "bench/postgres/list_by_key.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

namespace headroom::postgres_bench::by_key {
namespace {

namespace store = engine::postgres;

// Which tables the rows are in.
std::set<std::string> tables_of(const list_case& of) {
  std::set<std::string> tables;
  for (const store::uuid& key : of.expected) {
    const auto found = std::lower_bound(
        known_rows().begin(), known_rows().end(), key,
        [](const known_row& row, const store::uuid& wanted) { return row.id > wanted; });
    tables.insert(is_final(found->status) ? store::partition_name_of("execution_records", key)
                                          : "active_executions");
  }
  return tables;
}

}  // namespace

list::list(const list_input& input) : input_(input) {
  for (const list_case& each : input.cases()) {
    statement made{"by_key", "", store::array_parameter(store::uuid_type)};
    for (const std::string& table : tables_of(each)) {
      made.name += "_" + table;
      made.sql += fmt::format(
          "{}SELECT id, workflow_id, started_at, {}, workflow_version, status, tenant_id FROM {} "
          "WHERE id = ANY($1)",
          made.sql.empty() ? "" : " UNION ALL ",
          table == "active_executions" ? "NULL::timestamptz" : "finished_at", table);
    }
    made.name.resize(std::min<std::size_t>(made.name.size(), 63));
    for (const store::uuid& key : each.expected) {
      made.keys.add(key);
    }
    asked_.push_back(std::move(made));
  }
}

list_input::answered list::answer() const {
  list_input::answered made{at_, {}};
  for (int row = 0; row < PQntuples(rows_.get()); ++row) {
    made.keys.push_back(store::row_reader(rows_.get(), row).key(0));
  }
  std::sort(made.keys.begin(), made.keys.end(), std::greater<>());
  return made;
}

}  // namespace headroom::postgres_bench::by_key
