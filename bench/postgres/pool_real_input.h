// Connections to a real server, lent for one statement each.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "bench/postgres/mutex_condvar_pool.h"
#include "bench/postgres/pool_input.h"
#include "fixtures/pgbouncer.h"
#include "subsystems/postgres/connection.h"

namespace headroom::pool_bench {

using engine::postgres::connection;

/// What the statement answers. Throws what libpqxx throws.
int ask_one(connection& over);

std::unique_ptr<connection> connect(const std::string& url);

/// What the threads of a group share: pools of four connections, and as many behind PgBouncer.
struct real_pools {
  real_pools();

  engine::postgres::pool engine;
  mutex_condvar_pool<connection> mutex_condvar;
  engine::fixtures::pgbouncer bouncer;
};

/// Items: one statement.
class real_input {
 public:
  explicit real_input(std::shared_ptr<real_pools> shared) : shared_(std::move(shared)) {}

  [[nodiscard]] real_pools& shared() const { return *shared_; }
  [[nodiscard]] double items() const { return 1; }
  [[nodiscard]] std::string mismatch(int answer) const {
    return answer == 1 ? "" : fmt::format("SELECT 1 gave {}", answer);
  }

 private:
  std::shared_ptr<real_pools> shared_;
};

/// A backend that was killed, and the pool that had it. Items: one.
struct reconnect_input {
  [[nodiscard]] double items() const { return 1; }
  [[nodiscard]] std::string mismatch(int answer) const {
    return answer == 1 ? "" : fmt::format("SELECT 1 gave {}", answer);
  }
};

/// Ends a connection from the server's side, and returns when it is gone there.
class backend_killer {
 public:
  backend_killer();

  void kill(int pid);

 private:
  std::unique_ptr<connection> admin_;
};

}  // namespace headroom::pool_bench
