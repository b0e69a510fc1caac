// Records of executions that are over, stored in a table that holds many, under one of three kinds
// of key.
//
// Each kind has a table with the columns and indexes of execution_records, filled through its
// indexes, so that these look as after long use. Each run follows a checkpoint, as the first rows
// after one in production: a page that changes is then logged whole. Many rows between checkpoints
// on a small table hide that; 2,000 on hundreds of thousands do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/server.h"
#include "bench/postgres/writes_connection.h"
#include "bench/postgres/writes_parameters.h"
#include "fixtures/random.h"
#include "subsystems/postgres/records.h"

namespace headroom::postgres_bench {

enum class key_kind { uuid_v4, uuid_v7, bigserial };

struct wal_options {
  std::size_t batch = 1'000;  ///< records in a transaction
  bool is_synchronous = true;
  bool compresses = false;
  std::size_t rows = 2'000;  ///< records in a run
  /// Records that are there before.
  std::size_t stored = 300'000;
};

/// Items: records, as many as executions.
class wal_input {
 public:
  explicit wal_input(const wal_options& options) : options_(options) {}

  [[nodiscard]] const wal_options& options() const { return options_; }
  [[nodiscard]] double items() const { return static_cast<double>(options_.rows); }

  /// What the server has of the last run, and what it should have, without keys, in binary.
  struct stored {
    std::string rows;
    std::string rows_wanted;
  };
  [[nodiscard]] static std::string mismatch(const stored& answer) {
    return answer.rows == answer.rows_wanted ? "" : "other records are stored than asked for";
  }

 private:
  wal_options options_;
};

/// A record but for its key.
struct ended_execution {
  engine::postgres::uuid workflow_id;
  engine::postgres::time_point started_at;
  engine::postgres::time_point finished_at;
  std::int32_t tenant_id = 0;
  std::int16_t status = 0;
  std::string_view input;
  std::string_view outcome;
};

/// New records, all different in started_at, those of one call alike in finished_at.
class ended_executions {
 public:
  ended_executions();

  void make(std::size_t count, std::vector<ended_execution>& into);

 private:
  engine::fixtures::random source_{21};
  std::vector<engine::postgres::uuid> workflows_;
  std::vector<std::string> inputs_;
  std::vector<std::string> outcomes_;
};

/// The table of one kind of key, for as long as the process lives.
class record_table {
 public:
  /// Made and filled when it is first asked for.
  static record_table& of(key_kind kind, std::size_t stored);

  record_table(key_kind kind, std::size_t stored);

  [[nodiscard]] const std::string& url() const { return schema_.url(); }
  [[nodiscard]] ended_executions& source() { return source_; }
  /// The COPY of such records, and the INSERT of one: with the key first unless the server makes
  /// it.
  [[nodiscard]] std::string copy_statement() const;
  [[nodiscard]] std::string insert_statement() const;
  [[nodiscard]] std::string rows_of(const ended_execution* first, std::size_t count);
  void add(const ended_execution& record, binary_parameters& to);
  /// Those stored that finished when this one did.
  [[nodiscard]] wal_input::stored stored(const std::vector<ended_execution>& wanted);

 private:
  engine::postgres::uuid next_key();

  key_kind kind_;
  engine_schema schema_{"headroom_wal"};
  blocking_connection connection_{schema_.url()};
  ended_executions source_;
  engine::fixtures::random keys_{22};
};

}  // namespace headroom::postgres_bench
