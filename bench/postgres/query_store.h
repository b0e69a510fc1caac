// The seeded history that bench_postgres_queries asks, and what is known of it without a server.
//
// The server is started, or looked for, when it is first asked for, and ends with the process. The
// known rows are made from the fixture's description, so that an answer is compared with what was
// meant to be stored, not with what another query says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/settings.h"
#include "fixtures/postgres_history_server.h"
#include "subsystems/postgres/history.h"
#include "subsystems/postgres/prepared.h"
#include "subsystems/postgres/session.h"

namespace headroom::postgres_bench {

/// Before the first use of what follows: how many executions the history has. REQUIRES: one thread.
void choose_history_size(effort spent);

/// Of this process. Throws std::runtime_error as postgres_history_server does.
[[nodiscard]] const engine::fixtures::postgres_history_server& seeded_server();
[[nodiscard]] std::vector<std::pair<std::string, std::string>> seeded_context();

struct known_row {
  engine::postgres::uuid id;
  std::uint64_t number;
  std::int32_t tenant;
  std::uint32_t workflow;
  engine::postgres::execution_status status;
};

/// All executions, newest first.
[[nodiscard]] const std::vector<known_row>& known_rows();

/// Those of a tenant that match, newest first, by their places in known_rows().
[[nodiscard]] std::vector<std::size_t> matching_rows(
    std::int32_t tenant, const engine::postgres::execution_filter& filter);

/// One connection, on which all candidates of a group ask, so that none has a better one.
class query_link {
 public:
  query_link();
  query_link(const query_link&) = delete;
  query_link& operator=(const query_link&) = delete;

  [[nodiscard]] engine::postgres::history& history() { return history_; }
  /// Runs a statement of a floor or a peer. Throws std::runtime_error.
  engine::postgres::query_result run(const std::string& name, const std::string& sql,
                                     const engine::postgres::parameters& with);

 private:
  engine::postgres::session session_;
  engine::postgres::history history_;
  engine::postgres::prepared_statements others_;
};

/// The time that the history takes for the present.
[[nodiscard]] engine::postgres::time_point seeded_present();

/// The value, or std::runtime_error.
template <class T>
T take(engine::postgres::result<T> made) {
  if (!made) {
    throw std::runtime_error(made.error().message);
  }
  return std::move(*made);
}

}  // namespace headroom::postgres_bench
