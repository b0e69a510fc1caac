// Counting by count(*).
#pragma once

#include <string_view>

#include "bench/postgres/get_input.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace headroom::postgres_bench::count_star {

/// Prepared; the server reads the index of the tenant's executions alone.
class count {
 public:
  static constexpr std::string_view name = "count_star";

  explicit count(const count_input& input) : input_(input) {}

  void run() {
    tenant_ = tenant_ % count_input::tenants + 1;
    row_ =
        input_.link().run("count_star",
                          "SELECT (SELECT count(*) FROM active_executions WHERE tenant_id = $1) + "
                          "(SELECT count(*) FROM execution_records WHERE tenant_id = $1)",
                          engine::postgres::parameters().add(tenant_));
  }
  [[nodiscard]] count_input::answered answer() const {
    return {tenant_, engine::postgres::row_reader(row_.get(), 0).int8(0)};
  }

 private:
  const count_input& input_;
  std::int32_t tenant_ = 0;
  engine::postgres::query_result row_;
};

}  // namespace headroom::postgres_bench::count_star
