#include <fmt/format.h>

#include "subsystems/postgres/commit_failure_internal.h"

namespace engine::postgres {

commit_failure::kind kind_of(std::string_view sqlstate, errc code) {
  if (code == errc::connection_lost || code == errc::connect_failed ||
      code == errc::too_many_connections) {
    return commit_failure::kind::passing;
  }
  if (sqlstate == "55P03") {
    return commit_failure::kind::blocked;
  }
  // Deadlocks; resources; cancelled statements.
  for (const std::string_view passing : {"40", "53", "57014", "58"}) {
    if (sqlstate.starts_with(passing)) {
      return commit_failure::kind::passing;
    }
  }
  return code == errc::duplicate || code == errc::rejected ? commit_failure::kind::refused
                                                           : commit_failure::kind::lasting;
}

commit_failure failure_on(session& on, const PGresult* failed) {
  error why = on.error_of(failed);
  const std::string_view state = sqlstate_of(failed);
  if (state.empty()) {
    // Said by libpq, not by the server: what that is at is not known any more.
    on.lose();
    why.code = errc::connection_lost;
  }
  return {kind_of(state, why.code), why};
}

commit_failure no_tasks_of(month of, const std::string& message) {
  return {commit_failure::kind::refused,
          {errc::not_found, fmt::format("there is no partition for {:04}-{:02}: {}", of.year(),
                                        of.number(), message)}};
}

commit_failure waited_for_lane(commit_failure failed) {
  if (failed.what == commit_failure::kind::blocked) {
    failed.what = commit_failure::kind::passing;
  }
  return failed;
}

}  // namespace engine::postgres
