// Pages of a list of executions.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/query_store.h"

namespace headroom::postgres_bench {

/// Which condition a list has beside the tenant.
enum class list_kind { tenant, status, workflow, time };

struct list_case {
  std::int32_t tenant = 0;
  engine::postgres::execution_filter filter;
  std::string cursor;       ///< empty: the first page
  std::int64_t offset = 0;  ///< rows before it
  std::vector<engine::postgres::uuid> expected;
};

/// The page of that number in several lists, or from several rows on where few lists are so long.
/// Items: rows.
class list_input {
 public:
  static constexpr std::size_t page_size = 20;
  static constexpr std::size_t cases_max = 16;

  list_input(list_kind kind, std::size_t page_number);

  [[nodiscard]] list_kind kind() const { return kind_; }
  [[nodiscard]] query_link& link() const { return *link_; }
  [[nodiscard]] const std::vector<list_case>& cases() const { return cases_; }
  [[nodiscard]] double items() const { return page_size; }

  struct answered {
    std::size_t which;
    std::vector<engine::postgres::uuid> keys;
  };
  [[nodiscard]] std::string mismatch(const answered& answer) const;

 private:
  void add_cases(std::int32_t tenant, const engine::postgres::execution_filter& filter,
                 std::size_t first, std::size_t count);
  [[nodiscard]] std::string cursor_at(const list_case& of, std::size_t rows) const;

  list_kind kind_;
  std::shared_ptr<query_link> link_ = std::make_shared<query_link>();
  std::vector<list_case> cases_;
};

}  // namespace headroom::postgres_bench
