// What candidates need that may deadlock with each other.
#pragma once

#include <libpq-fe.h>

#include "bench/postgres/writes_connection.h"
#include "subsystems/postgres/session.h"

namespace headroom::postgres_bench {

/// Whether the statement failed as the victim of a deadlock: its transaction is to be tried again.
[[nodiscard]] inline bool is_deadlock(const query_result& of) {
  return engine::postgres::sqlstate_of(of.get()) == "40P01";
}

/// Has the server look for a deadlock after 10 ms of waiting instead of a second. Only a superuser
/// may ask for that; for others it stays as it is.
inline void look_for_deadlocks_soon(blocking_connection& on) {
  const query_result ignored(PQexec(on.native(), "SET deadlock_timeout = '10ms'"));
}

}  // namespace headroom::postgres_bench
