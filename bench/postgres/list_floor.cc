#include "bench/postgres/list_floor.h"

#include <fmt/format.h>

namespace headroom::postgres_bench::least {
namespace {

namespace store = engine::postgres;

// One bound, in the order of the index: the scan begins there and ends with the LIMIT.
std::string sql_of(list_kind kind, const std::string& table) {
  std::string_view bound = "(tenant_id, id) <= ($1, $2)";
  std::string_view order = "tenant_id DESC, id DESC";
  if (kind == list_kind::workflow) {
    bound = "(workflow_id, id) <= ($1, $2)";
    order = "workflow_id DESC, id DESC";
  } else if (kind == list_kind::status) {
    bound = "(tenant_id, status, id) <= ($1, $3, $2)";
    order = "tenant_id DESC, status DESC, id DESC";
  }
  return fmt::format(
      "SELECT id, workflow_id, started_at, finished_at, workflow_version, status, tenant_id "
      "FROM {} WHERE {} ORDER BY {} LIMIT {}",
      table, bound, order, list_input::page_size);
}

}  // namespace

list::list(const list_input& input) : input_(input) {
  for (const list_case& each : input.cases()) {
    const std::string table = store::partition_name_of("execution_records", each.settled.front());
    asked_.push_back({"floor_" + table, sql_of(input.kind(), table)});
  }
}

void list::run() {
  at_ = (at_ + 1) % asked_.size();
  const list_case& asked = input_.cases()[at_];
  store::parameters with;
  if (input_.kind() == list_kind::workflow) {
    with.add(*asked.filter.workflow_id);
  } else {
    with.add(asked.tenant);
  }
  with.add(asked.settled.front());
  if (input_.kind() == list_kind::status) {
    with.add(static_cast<std::int16_t>(*asked.filter.status));
  }
  rows_ = input_.link().run(asked_[at_].name, asked_[at_].sql, with);
  for (int row = 0; row < PQntuples(rows_.get()); ++row) {
    seen_ ^= store::row_reader(rows_.get(), row).key(0).bytes[15];
  }
}

list_input::answered list::answer() const {
  list_input::answered made{at_, {}, true};
  for (int row = 0; row < PQntuples(rows_.get()); ++row) {
    made.keys.push_back(store::row_reader(rows_.get(), row).key(0));
  }
  return made;
}

}  // namespace headroom::postgres_bench::least
