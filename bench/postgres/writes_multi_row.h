// Candidate `multi_row`: INSERT … VALUES (…), (…), … with bound parameters, 1,000 rows at a time,
// all in one transaction.
//
// 1,000 rows of six values stay well within the 65,535 parameters of a statement; prepared once,
// with values in binary, so that the server parses nothing again and converts no text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_parameters.h"

namespace headroom::postgres_bench::multi_row {

class insert {
 public:
  static constexpr std::string_view name = "multi_row";
  static constexpr std::size_t rows_max = 1'000;

  explicit insert(const insert_input& input);

  void prepare() { target_.renew(); }
  void run();
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }

 private:
  insert_target target_;
  blocking_connection connection_;
  binary_parameters parameters_;
};

}  // namespace headroom::postgres_bench::multi_row
