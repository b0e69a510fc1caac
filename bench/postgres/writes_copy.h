// Candidate `copy`: COPY of text by libpqxx's stream_to, one transaction: what its documentation
// advises for many rows.
#pragma once

#include <pqxx/connection>
#include <string_view>

#include "bench/postgres/writes_insert_input.h"

namespace headroom::postgres_bench::text_copy {

class insert {
 public:
  static constexpr std::string_view name = "copy";

  explicit insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {}

  void prepare() { target_.renew(); }
  void run();
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }

 private:
  insert_target target_;
  pqxx::connection connection_;
};

}  // namespace headroom::postgres_bench::text_copy
