#include "subsystems/postgres/partition_keeper.h"

#include <algorithm>
#include <cassert>
#include <exception>
#include <pqxx/connection>
#include <pqxx/transaction>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {

partition_keeper::partition_keeper(partition_keeper_options options)
    : options_(std::move(options)), thread_([this] { work(); }) {
  assert(options_.months_ahead >= 0);
}

partition_keeper::~partition_keeper() {
  {
    const std::lock_guard lock(guard_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

partition_keeper::status partition_keeper::read() const {
  const std::lock_guard lock(guard_);
  return status_;
}

bool partition_keeper::wait_for_checks(std::uint64_t checks,
                                       std::chrono::milliseconds timeout) const {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, timeout, [&] { return status_.checks >= checks; });
}

void partition_keeper::work() {
  std::chrono::milliseconds retry_after = options_.retry_after_min;
  for (;;) {
    result<retention_report> checked = check();
    std::unique_lock lock(guard_);
    std::chrono::milliseconds pause = options_.check_every;
    if (checked) {
      status_.last_error.reset();
      status_.last_report = std::move(*checked);
      retry_after = options_.retry_after_min;
    } else {
      status_.last_error = std::move(checked).error();
      pause = std::min(pause, retry_after);
      retry_after = std::min(2 * retry_after, options_.retry_after_max);
    }
    ++status_.checks;
    changed_.notify_all();
    if (changed_.wait_for(lock, pause, [this] { return stopping_; })) {
      return;
    }
  }
}

// A lane's row tells whether a batch that is repeated was committed: long after any retry it tells
// nothing any more. Writers that end remove theirs; killed ones do not. One that was idle for so
// long, and lives, makes its row anew.
void partition_keeper::forget_dead_writers(pqxx::connection& on) {
  pqxx::work removal(on);
  removal.exec("DELETE FROM writer_lanes WHERE seen_at < now() - interval '30 days'");
  removal.commit();
}

result<retention_report> partition_keeper::check() const {
  try {
    pqxx::connection on(options_.conninfo);
    const month present = month_of(options_.clock());
    const result<int> made =
        make_partitions(on, present, present.plus(options_.months_ahead), options_.partitions);
    if (!made) {
      return made.error();
    }
    forget_dead_writers(on);
    if (options_.retention_months == 0) {
      return retention_report{};
    }
    return drop_partitions(on, present.plus(-options_.retention_months).begin(),
                           options_.partitions);
  } catch (const std::exception& problem) {
    return error{errc::connect_failed,
                 fmt::format("cannot reach the server: {}",
                             support::printable(problem.what(), support::line_ends::kept))};
  }
}

}  // namespace engine::postgres
