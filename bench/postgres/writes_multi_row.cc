#include "bench/postgres/writes_multi_row.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace headroom::postgres_bench::multi_row {
namespace {

constexpr int columns = 6;

std::string statement_of(std::size_t rows) {
  std::string sql =
      "INSERT INTO active_executions (id, workflow_id, tenant_id, workflow_version, status, input) "
      "VALUES ";
  for (int row = 0; row < static_cast<int>(rows); ++row) {
    const int first = row * columns + 1;
    sql += fmt::format("{}(${}, ${}, ${}, ${}, ${}, ${})", row == 0 ? "" : ", ", first, first + 1,
                       first + 2, first + 3, first + 4, first + 5);
  }
  return sql;
}

}  // namespace

insert::insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {
  assert(input.rows() < rows_max || input.rows() % rows_max == 0);
  connection_.prepare("insert", statement_of(std::min(input.rows(), rows_max)));
}

void insert::run() {
  const std::span<const new_execution> all = target_.executions();
  const bool is_one = all.size() <= rows_max;
  if (!is_one) {
    connection_.execute("BEGIN");
  }
  for (std::size_t first = 0; first < all.size(); first += rows_max) {
    parameters_.clear();
    for (const new_execution& each : all.subspan(first, std::min(rows_max, all.size() - first))) {
      parameters_.add_all(each.id, each.workflow_id, each.tenant_id, each.workflow_version,
                          std::int16_t{0}, each.input);
    }
    connection_.run("insert", parameters_.views());
  }
  if (!is_one) {
    connection_.execute("COMMIT");
  }
}

}  // namespace headroom::postgres_bench::multi_row
