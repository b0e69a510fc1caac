// Candidate `by_key`: the rows of a page by their primary keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/list_input.h"
#include "subsystems/postgres/binary_format.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace headroom::postgres_bench::by_key {

/// Rows of the same bytes as the engine's, from the tables that have them, in one statement on the
/// same connection, by keys that somebody else has found. Not the least work: each key is looked
/// for from the root of an index, where a range scan goes on from row to row.
class list {
 public:
  static constexpr std::string_view name = "by_key";

  explicit list(const list_input& input);

  void run() {
    at_ = (at_ + 1) % asked_.size();
    statement& asked = asked_[at_];
    rows_ = input_.link().run(asked.name, asked.sql,
                              engine::postgres::parameters().add(asked.keys.bytes()));
    for (int row = 0; row < PQntuples(rows_.get()); ++row) {
      seen_ ^= engine::postgres::row_reader(rows_.get(), row).key(0).bytes[15];
    }
  }

  /// In no order, so they are sorted first.
  [[nodiscard]] list_input::answered answer() const;

 private:
  struct statement {
    std::string name;
    std::string sql;
    engine::postgres::array_parameter keys;
  };

  const list_input& input_;
  std::vector<statement> asked_;
  engine::postgres::query_result rows_;
  std::size_t at_ = 0;
  unsigned char seen_ = 0;
};

}  // namespace headroom::postgres_bench::by_key
