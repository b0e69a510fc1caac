// A page by OFFSET and LIMIT, as most programs ask for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/list_input.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace headroom::postgres_bench::offset {

/// Prepared, on the indexes that the engine uses, which the server merges without sorting: it reads
/// and throws away the rows before the page, and nothing else.
class list {
 public:
  static constexpr std::string_view name = "offset";

  explicit list(const list_input& input) : list(input, name, false) {}

  void run();

  [[nodiscard]] list_input::answered answer() const {
    list_input::answered made{at_, {}};
    for (int row = 0; row < PQntuples(rows_.get()); ++row) {
      made.keys.push_back(engine::postgres::row_reader(rows_.get(), row).key(0));
    }
    return made;
  }

 protected:
  list(const list_input& input, std::string_view statement, bool joins_late);

 private:
  const list_input& input_;
  std::string statement_;
  std::string sql_;
  engine::postgres::query_result rows_;
  std::size_t at_ = 0;
};

/// Keys first, by the index alone, and the other columns of the page's rows by these keys (a "late
/// row look-up"): what is thrown away then costs no visit to the table.
class late_join : public list {
 public:
  static constexpr std::string_view name = "offset_late_join";

  explicit late_join(const list_input& input) : list(input, name, true) {}
};

}  // namespace headroom::postgres_bench::offset
