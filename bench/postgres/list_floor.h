// The least work for a page: its rows, by their primary keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/list_input.h"
#include "subsystems/postgres/binary_internal.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace headroom::postgres_bench::least {

/// Rows of the same bytes as the engine's, from the tables that have them, in one statement on the
/// same connection, by keys that somebody else has found: whoever lists them has to find them, too.
class list {
 public:
  static constexpr std::string_view name = "floor";

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

  [[nodiscard]] std::string check() const {
    return PQntuples(rows_.get()) == static_cast<int>(list_input::page_size)
               ? ""
               : "some of the keys have no row";
  }

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

}  // namespace headroom::postgres_bench::least
