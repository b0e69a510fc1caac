// A connection to PostgreSQL by libpqxx, and the pool of such.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <pqxx/connection>
#include <string>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/pool.h"

namespace engine::postgres {

/// Not thread-safe. After its server has hung up it stays broken: it does not connect anew by
/// itself, as libpqxx would, because what was prepared or set on it would be missing.
class connection {
 public:
  /// Throws what libpqxx throws.
  explicit connection(const std::string& connection_string);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  [[nodiscard]] pqxx::connection& native() { return native_; }
  /// False if libpq knows that it is lost. No system call.
  [[nodiscard]] bool is_open() const noexcept { return native_.is_open(); }
  /// Whether, as far as this side's socket tells, the server has not hung up. One or two system
  /// calls, no round trip.
  [[nodiscard]] bool is_usable() const noexcept;
  /// Ends a call that waits for the server, on another thread: the connection is lost.
  void hang_up() const noexcept;

 private:
  pqxx::connection native_;
};

/// Called with each new connection before it is lent, to prepare statements or set parameters; what
/// it throws makes the attempt fail.
using on_connect = std::function<void(pqxx::connection&)>;

/// Opens connections for a pool. Thread-safe.
class connector {
 public:
  using connection_type = connection;

  /// `connection_string` in either form of libpq: "host=… dbname=…" or "postgresql://…".
  explicit connector(std::string connection_string, on_connect prepare = {})
      : connection_string_(std::move(connection_string)), prepare_(std::move(prepare)) {}

  /// errc::bad_input if the connection string is malformed, which no waiting mends.
  [[nodiscard]] result<void> check() const;
  /// errc::bad_input as check(), errc::too_many_connections if the
  /// server or a role of it has no room, errc::connect_failed otherwise; with what the server said,
  /// but never with a password. libpq counts in seconds, two at least, for each address of the
  /// host.
  [[nodiscard]] result<std::unique_ptr<connection>> connect(
      std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] static bool is_open(const connection& known) noexcept { return known.is_open(); }
  [[nodiscard]] static bool is_usable(const connection& idle) noexcept { return idle.is_usable(); }
  /// One round trip, for as long as it takes unless hang_up() ends it.
  [[nodiscard]] static bool validate(connection& idle) noexcept;
  static void hang_up(const connection& stuck) noexcept { stuck.hang_up(); }

 private:
  std::string connection_string_;
  on_connect prepare_;
};

using pool = basic_pool<connector>;

}  // namespace engine::postgres
