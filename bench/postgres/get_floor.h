// The least work for single executions, traces and counts: prepared statements on one table, by its
// primary key, on the same connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/postgres/get_input.h"

namespace headroom::postgres_bench::least {

/// The row, from the table that has it: as if one knew.
class get {
 public:
  static constexpr std::string_view name = "floor";

  explicit get(const get_input& input) : input_(input) {
    for (const known_row& each : input.cases()) {
      const std::string table =
          is_final(each.status) ? engine::postgres::partition_name_of("execution_records", each.id)
                                : "active_executions";
      asked_.push_back(
          {"get_" + table,
           fmt::format("SELECT id, workflow_id, started_at, {}, workflow_version, status, "
                       "tenant_id, input, {} FROM {} WHERE id = $1",
                       is_final(each.status) ? "finished_at" : "NULL::timestamptz",
                       is_final(each.status) ? "outcome" : "NULL::json", table)});
    }
  }

  void run() {
    at_ = (at_ + 1) % asked_.size();
    const statement& asked = asked_[at_];
    row_ = input_.link().run(asked.name, asked.sql,
                             engine::postgres::parameters().add(input_.cases()[at_].id));
  }
  [[nodiscard]] std::string check() const {
    return PQntuples(row_.get()) == 1 ? "" : "the key has no row";
  }

 private:
  struct statement {
    std::string name;
    std::string sql;
  };

  const get_input& input_;
  std::vector<statement> asked_;
  std::size_t at_ = 0;
  engine::postgres::query_result row_;
};

/// The spans with their payloads, without the execution and its tasks.
class trace {
 public:
  static constexpr std::string_view name = "floor";

  explicit trace(const trace_input& input) : input_(input) {}

  void run() {
    at_ = (at_ + 1) % input_.cases().size();
    const engine::postgres::uuid& id = input_.cases()[at_].id;
    const std::string table = engine::postgres::partition_name_of("trace_spans", id);
    rows_ = input_.link().run(
        table,
        "SELECT span, parent, task, started_at, finished_at, name, attributes FROM " + table +
            " WHERE execution_id = $1",
        engine::postgres::parameters().add(id));
  }
  [[nodiscard]] std::string check() const {
    std::size_t bytes = 0;
    for (int row = 0; row < PQntuples(rows_.get()); ++row) {
      bytes += static_cast<std::size_t>(PQgetlength(rows_.get(), row, 6));
    }
    return bytes >= input_.payload_kb() * std::size_t{1'000} ? "" : "payloads are missing";
  }

 private:
  const trace_input& input_;
  std::size_t at_ = 0;
  engine::postgres::query_result rows_;
};

/// One row by its key: somebody would have to keep a number for each tenant.
class count {
 public:
  static constexpr std::string_view name = "floor";

  explicit count(const count_input& input) : input_(input) {}

  void run() {
    tenant_ = tenant_ % count_input::tenants + 1;
    row_ = input_.link().run("one_tenant", "SELECT id::bigint FROM tenants WHERE id = $1",
                             engine::postgres::parameters().add(tenant_));
  }
  [[nodiscard]] std::string check() const {
    return PQntuples(row_.get()) == 1 ? "" : "there is no such tenant";
  }

 private:
  const count_input& input_;
  std::int32_t tenant_ = 0;
  engine::postgres::query_result row_;
};

}  // namespace headroom::postgres_bench::least
