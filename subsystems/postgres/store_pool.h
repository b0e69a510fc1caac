// A pool of connections to ask the store with: each has its statements prepared once.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "subsystems/postgres/history.h"
#include "subsystems/postgres/pool.h"
#include "subsystems/postgres/session.h"
#include "subsystems/postgres/workflow_store.h"

namespace engine::postgres {

/// A session and what runs on it. Not thread-safe.
class store_connection {
 public:
  store_connection(session opened, const history_options& options)
      : session_(std::move(opened)),
        history_(session_, options),
        workflows_(session_, options.timeout) {}
  store_connection(const store_connection&) = delete;  // the others refer to session_
  store_connection& operator=(const store_connection&) = delete;

  [[nodiscard]] history& executions() { return history_; }
  [[nodiscard]] workflow_store& workflows() { return workflows_; }
  [[nodiscard]] session& on() { return session_; }
  [[nodiscard]] const session& on() const { return session_; }

 private:
  session session_;
  history history_;
  workflow_store workflows_;
};

/// Opens such connections for a pool. Thread-safe.
class store_connector {
 public:
  using connection_type = store_connection;

  /// `conninfo` as libpq takes it, search_path included.
  explicit store_connector(std::string conninfo, const history_options& options = {})
      : conninfo_(std::move(conninfo)), options_(options) {}

  /// As session::connect().
  [[nodiscard]] result<std::unique_ptr<store_connection>> connect(
      std::chrono::steady_clock::time_point deadline) const;
  [[nodiscard]] static bool is_open(const store_connection& known) noexcept {
    return !known.on().is_lost();
  }
  [[nodiscard]] static bool is_usable(const store_connection& idle) noexcept;
  /// One round trip; the history's timeout at most.
  [[nodiscard]] bool validate(store_connection& idle) const noexcept;
  /// Makes calls that wait for the server fail, on another thread.
  static void hang_up(const store_connection& stuck) noexcept;

 private:
  std::string conninfo_;
  history_options options_;
};

using store_pool = basic_pool<store_connector>;

}  // namespace engine::postgres
