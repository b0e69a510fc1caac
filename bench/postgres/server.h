// The PostgreSQL server that a benchmark binary measures, and schemas of the engine on it.
//
// The server is looked for, or started, when it is first asked for: a binary that only lists its
// rows needs none. It ends with the process. Functions are thread-safe; an engine_schema is used by
// one thread at a time, but its URL by any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/harness/suite.h"
#include "fixtures/postgres_server.h"

namespace headroom::postgres_bench {

/// Of this process. Throws std::runtime_error as postgres_server does.
[[nodiscard]] const engine::fixtures::postgres_server& server();

/// Whether HEADROOM_POSTGRES_URL names it, so that it may be of another machine, and of a role that
/// may not do everything. Asks nobody.
[[nodiscard]] bool is_given();

/// Has the results tell of the server and, if not empty, which rows are missing and why, which is
/// said on standard error at once.
void set_context_without(suite& to, const std::string& missing_rows);

/// For suite::set_context(): version and settings of the server, and where disk_file has its files.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> server_context();

/// A scratch schema with the engine's tables, and partitions from the month before this one to the
/// month after it. Some 50 ms to make. Throws std::runtime_error.
class engine_schema {
 public:
  explicit engine_schema(std::string_view prefix = "headroom_bench");

  /// For libpq and libpqxx: the server, with the schema as search_path.
  [[nodiscard]] const std::string& url() const { return schema_.url(); }

 private:
  engine::fixtures::scratch_schema schema_;
};

}  // namespace headroom::postgres_bench
