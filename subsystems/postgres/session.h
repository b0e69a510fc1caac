// A connection of libpq, for what libpqxx does not offer: binary values, COPY of prepared bytes,
// pipelines, and waiting with a deadline.
//
// Owns the connection. Not thread-safe: one thread at a time. Every call that waits has a deadline;
// when it passes, the connection is lost, as nobody knows what the server still does with it.
#pragma once

#include <chrono>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <string_view>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

using steady_time = std::chrono::steady_clock::time_point;

struct free_result {
  void operator()(PGresult* owned) const { PQclear(owned); }
};
using query_result = std::unique_ptr<PGresult, free_result>;

class session {
 public:
  /// errc::connect_failed or errc::too_many_connections, with what the server said; a password in
  /// `conninfo` is never part of it.
  [[nodiscard]] static result<session> connect(const std::string& conninfo, steady_time deadline);

  [[nodiscard]] PGconn* native() const { return connection_.get(); }
  /// As far as is known without asking the server.
  [[nodiscard]] bool is_lost() const { return lost_ || PQstatus(native()) != CONNECTION_OK; }
  /// The process id of the server's end.
  [[nodiscard]] int backend_pid() const { return PQbackendPID(native()); }
  /// Ends the connection. What the server was doing it may still complete.
  void lose();

  /// Runs statements without parameters and returns the result of the last; errors as error_of().
  [[nodiscard]] result<query_result> execute(const char* sql, steady_time deadline);
  [[nodiscard]] result<void> prepare(const char* name, const char* sql, steady_time deadline);
  /// Of the last failure of execute() or prepare(); empty if it was none of the server's.
  [[nodiscard]] std::string_view last_sqlstate() const { return last_sqlstate_; }

  /// The next result of what was sent, whatever it is; null where libpq has none. Loses the
  /// connection at the deadline.
  [[nodiscard]] query_result next_result(steady_time deadline);
  /// Sends what libpq still holds back. False if the connection is lost.
  [[nodiscard]] bool flush(steady_time deadline);

  /// What went wrong, from a result or, if it is null, the connection. Whatever the server ends the
  /// session for is errc::connection_lost.
  [[nodiscard]] error error_of(const PGresult* failed) const;

 private:
  struct close_connection {
    void operator()(PGconn* owned) const { PQfinish(owned); }
  };

  explicit session(PGconn* owned) : connection_(owned) {}

  [[nodiscard]] error note_failure(const PGresult* result);

  std::unique_ptr<PGconn, close_connection> connection_;
  std::string last_sqlstate_;
  bool lost_ = false;
};

/// The five characters of SQLSTATE, or empty.
[[nodiscard]] std::string_view sqlstate_of(const PGresult* failed);

/// The code for a failure that the server reported with this SQLSTATE.
[[nodiscard]] errc code_of(std::string_view sqlstate);

}  // namespace engine::postgres
