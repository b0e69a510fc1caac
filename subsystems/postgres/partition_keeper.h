// A thread that makes the months ahead and drops those that have expired.
//
// It has a connection of its own, opened for each check and closed after it. One of these in one of
// the programs that share a database is enough; more do no harm. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "subsystems/postgres/partitions.h"

namespace engine::postgres {

struct partition_keeper_options {
  /// As libpq takes it; its search_path says which schema.
  std::string conninfo;
  /// Beside the present month. REQUIRES: >= 0.
  int months_ahead = 2;
  /// Whole months that are kept beside the present one; 0: all, for ever.
  int retention_months = 0;
  std::chrono::milliseconds check_every = std::chrono::hours(1);
  /// After a failure: doubled each time, up to the second, but never longer than check_every.
  std::chrono::milliseconds retry_after_min{1'000};
  std::chrono::milliseconds retry_after_max{60'000};
  partition_options partitions = {};
  /// What time it is.
  std::function<time_point()> clock = now;
};

class partition_keeper {
 public:
  struct status {
    /// Finished, well or not.
    std::uint64_t checks = 0;
    /// Of the last check; nothing if it went well.
    std::optional<error> last_error = std::nullopt;
    /// Of the last check that went well.
    retention_report last_report = {};
  };

  /// Starts the first check.
  explicit partition_keeper(partition_keeper_options options);
  /// Stops: at once between checks, otherwise when the statement under way is done; no statement
  /// waits longer for a lock than the options say.
  ~partition_keeper();
  partition_keeper(const partition_keeper&) = delete;
  partition_keeper& operator=(const partition_keeper&) = delete;

  [[nodiscard]] status read() const;
  /// Waits until so many checks are finished; false if they are not in time.
  [[nodiscard]] bool wait_for_checks(std::uint64_t checks, std::chrono::milliseconds timeout) const;

 private:
  void work();
  static void forget_dead_writers(pqxx::connection& on);
  [[nodiscard]] result<retention_report> check() const;

  const partition_keeper_options options_;
  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  status status_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace engine::postgres
