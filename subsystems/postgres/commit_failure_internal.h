// Why a batch was not committed, and what may be done about it.
#pragma once

#include <libpq-fe.h>
#include <optional>
#include <string>
#include <string_view>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/month.h"
#include "subsystems/postgres/session.h"

namespace engine::postgres {

struct commit_failure {
  enum class kind {
    blocked,  ///< by somebody's lock on a row, for longer than the lock timeout
    passing,  ///< a lost connection, a deadlock, a full disk: the same batch may pass later
    refused,  ///< for something in the batch
    lasting,  ///< whatever is in the batch: no such table, no permission, …
  };
  kind what;
  error why;
};

[[nodiscard]] commit_failure::kind kind_of(std::string_view sqlstate, errc code);

/// Of a result that is no success, or of a connection on which nothing could be sent (null), which
/// is then given up.
[[nodiscard]] commit_failure failure_on(session& on, const PGresult* failed);

inline constexpr std::string_view undefined_table = "42P01";

/// A table of tasks that does not exist: nothing that is stored has a task there.
[[nodiscard]] commit_failure no_tasks_of(month of, const std::string& message);

/// What failure_on() found, of the statement that claims the lane's row: if that is held, it is by
/// a transaction of ours that a lost connection left behind, and will end.
[[nodiscard]] commit_failure waited_for_lane(commit_failure failed);

}  // namespace engine::postgres
