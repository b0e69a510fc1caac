// The least work for a page: a stretch of one index, from a known key on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/list_input.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace headroom::postgres_bench::least {

/// As many rows with the same columns, in one statement on the same connection, from the one
/// partition that has them all, by the same index as the engine's. Which partition and where to
/// begin is known; nothing else is looked at: neither other months, nor what is active, nor where
/// the list ends. Where the engine's page has active rows, or rows of two months, these are the
/// next ones of one month instead.
class list {
 public:
  static constexpr std::string_view name = "floor";

  explicit list(const list_input& input);

  void run();

  [[nodiscard]] list_input::answered answer() const;

 private:
  struct statement {
    std::string name;
    std::string sql;
  };

  const list_input& input_;
  std::vector<statement> asked_;
  engine::postgres::query_result rows_;
  std::size_t at_ = 0;
  unsigned char seen_ = 0;
};

}  // namespace headroom::postgres_bench::least
