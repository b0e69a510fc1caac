#include "bench/postgres/server.h"

#include <cstdlib>
#include <pqxx/connection>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/postgres/writes_disk_file.h"
#include "subsystems/postgres/migration.h"
#include "subsystems/postgres/partitions.h"

namespace headroom::postgres_bench {

namespace store = engine::postgres;

const engine::fixtures::postgres_server& server() {
  static const engine::fixtures::postgres_server started;
  return started;
}

std::vector<std::pair<std::string, std::string>> server_context() {
  std::vector<std::pair<std::string, std::string>> all = server().context();
  all.emplace_back("postgres_disk_folder",
                   disk_folder() + (is_given() ? " (perhaps not on the server's disk)" : ""));
  return all;
}

bool is_given() {
  const char* const named = std::getenv("HEADROOM_POSTGRES_URL");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr && *named != '\0';
}

void set_context_without(suite& to, const std::string& missing_rows) {
  if (!missing_rows.empty()) {
    fmt::print(stderr, "HEADROOM_POSTGRES_URL: {}\n", missing_rows);
  }
  to.set_context([missing_rows] {
    auto all = server_context();
    if (!missing_rows.empty()) {
      all.emplace_back("postgres_missing_rows", missing_rows);
    }
    return all;
  });
}

engine_schema::engine_schema(std::string_view prefix) : schema_(server().url(), prefix) {
  pqxx::connection on(schema_.url());
  if (const auto migrated = store::migrate(on); !migrated) {
    throw std::runtime_error(migrated.error().what());
  }
  const store::month current = store::month_of(store::now());
  if (const auto made = store::make_partitions(on, current.plus(-1), current.plus(1)); !made) {
    throw std::runtime_error(made.error().what());
  }
}

}  // namespace headroom::postgres_bench
