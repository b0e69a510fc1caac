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
  /// The first rows from there on that are over and in one partition: what the floor reads.
  std::vector<engine::postgres::uuid> settled;
};

/// Where a list is read.
struct list_place {
  list_kind kind = list_kind::tenant;
  std::size_t page_number = 1;
  /// Of all rows of this kind.
  std::size_t page_number_max = 1;
  /// Counted from below the last active row on. Else from the top, as users see a list: with the
  /// active rows among the others.
  bool is_settled = false;
};

/// Pages of that number, of the same lists for all page numbers: those of the largest tenants that
/// have `page_number_max` pages, or the longest there is, in a history that is too small. Of each
/// list several places, more than a page apart, all within a tenth of the way that there is to the
/// page; so of a first page, one. Items: rows.
class list_input {
 public:
  static constexpr std::size_t page_size = 20;
  static constexpr std::size_t cases_max = 16;
  static constexpr std::size_t places_apart = 37;

  /// Throws std::runtime_error if no list is so long.
  explicit list_input(const list_place& place);

  [[nodiscard]] list_kind kind() const { return place_.kind; }
  [[nodiscard]] query_link& link() const { return *link_; }
  [[nodiscard]] const std::vector<list_case>& cases() const { return cases_; }
  [[nodiscard]] double items() const { return page_size; }

  struct answered {
    std::size_t which;
    std::vector<engine::postgres::uuid> keys;
    bool is_settled = false;  ///< they are to be list_case::settled
  };
  [[nodiscard]] std::string mismatch(const answered& answer) const;

 private:
  struct tenant_list {
    std::int32_t tenant;
    engine::postgres::execution_filter filter;
    std::vector<std::size_t> rows;  ///< places in known_rows()
  };

  [[nodiscard]] static std::vector<tenant_list> lists_for(const list_place& place);
  void add_cases(const tenant_list& of, std::size_t places);
  [[nodiscard]] std::string cursor_at(const tenant_list& of, std::size_t rows) const;

  list_place place_;
  std::shared_ptr<query_link> link_ = std::make_shared<query_link>();
  std::vector<list_case> cases_;
};

}  // namespace headroom::postgres_bench
