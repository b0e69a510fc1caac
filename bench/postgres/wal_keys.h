// Candidates `uuid_v4`, `uuid_v7` and `bigserial`: the same records under different keys.
//
// Stored by COPY in binary, as many in a transaction as the input says; one at a time by a prepared
// INSERT, as programs do.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/wal_input.h"
#include "bench/postgres/wal_meter.h"

namespace headroom::postgres_bench {

class keyed_records {
 public:
  /// A checkpoint, after which the log is measured.
  void prepare();
  void run();
  [[nodiscard]] wal_input::stored answer();
  [[nodiscard]] std::vector<counter> counters() const;

 protected:
  keyed_records(const wal_input& input, key_kind kind);

 private:
  const wal_options options_;
  record_table& table_;
  blocking_connection connection_;
  std::unique_ptr<wal_meter> meter_;
  std::vector<ended_execution> records_;
  std::string copy_statement_;
  std::vector<std::string> batches_;
  std::vector<binary_parameters> rows_;  ///< instead, if they are stored one at a time
};

class uuid_v4 : public keyed_records {
 public:
  static constexpr std::string_view name = "uuid_v4";
  explicit uuid_v4(const wal_input& input) : keyed_records(input, key_kind::uuid_v4) {}
};

class uuid_v7 : public keyed_records {
 public:
  static constexpr std::string_view name = "uuid_v7";
  explicit uuid_v7(const wal_input& input) : keyed_records(input, key_kind::uuid_v7) {}
};

class bigserial : public keyed_records {
 public:
  static constexpr std::string_view name = "bigserial";
  explicit bigserial(const wal_input& input) : keyed_records(input, key_kind::bigserial) {}
};

}  // namespace headroom::postgres_bench
