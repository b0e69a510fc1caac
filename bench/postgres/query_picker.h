// Random queries in the proportions of a real client: what to ask next.
//
// Immutable once made, so thread-safe: each thread brings its own generator.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/postgres/query_store.h"
#include "fixtures/random.h"

namespace headroom::postgres_bench {

enum class query_kind { list, list_further, get, trace, list_workflows, count };

/// Texts are the picker's.
struct picked_query {
  query_kind kind{};
  std::int32_t tenant = 0;
  engine::postgres::execution_filter filter;  ///< of lists
  std::string_view cursor;                    ///< of further pages
  engine::postgres::uuid before;              ///< of further pages: the last key of the one before
  engine::postgres::uuid id;                  ///< of get and trace
};

class query_picker {
 public:
  /// Finds cursors of further pages through this connection, some hundred queries. Throws
  /// std::runtime_error.
  explicit query_picker(query_link& through);

  /// Of 100: 35 first pages, 15 further ones, 30 single executions, 8 traces, 5 lists of workflows
  /// and 7 counts. Tenants as often as they have executions. Of lists, of 10: 6 of the tenant, 2 of
  /// a status, 1 of a workflow, 1 of a day. Of single executions every second is one of the newest
  /// hundredth.
  [[nodiscard]] picked_query pick(engine::fixtures::random& source) const;

  /// What is wrong with the answer to a list that was picked; empty if nothing. Rows that came
  /// after the history was loaded may be in it, so it is looked at whether each row belongs there:
  /// of the tenant, by its workflow, and of the filter, newest first, after the page before; and
  /// whether there are any, if the history has such.
  [[nodiscard]] std::string problem_of(
      const picked_query& asked,
      const std::vector<engine::postgres::execution_summary>& answer) const;

 private:
  struct further_page {
    std::int32_t tenant;
    engine::postgres::execution_filter filter;
    std::string cursor;
    engine::postgres::uuid before;
  };

  [[nodiscard]] const known_row& any_row(engine::fixtures::random& source) const;
  [[nodiscard]] engine::postgres::execution_filter any_filter(
      const known_row& of, engine::fixtures::random& source) const;

  std::vector<further_page> further_pages_;
  std::map<engine::postgres::uuid, std::int32_t> tenants_;  ///< by workflow
  /// Of which tenants have executions.
  std::set<std::pair<std::int32_t, engine::postgres::execution_status>> stored_statuses_;
};

}  // namespace headroom::postgres_bench
