// The load of the fault test: threads that write the lives of executions, and a journal of what
// they were told about each write.
//
// A life is a sequence of writes, each of which changes several tables: it begins with its tasks
// and two events; then its two tasks change together, with an event, some times; and it ends, with
// an event. So whatever is stored of it shows which of its writes were applied, and whether one was
// applied in part, twice or out of order (fault_audit.h).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "subsystems/postgres/batch_writer.h"
#include "subsystems/postgres/month.h"

namespace engine::postgres::testing {

/// What the caller knows of a write.
enum class fate : std::uint8_t { not_submitted, acknowledged, failed };

inline constexpr std::size_t steps = 5;  ///< writes of a life: it begins, changes and ends
inline constexpr std::size_t last_step = steps - 1;

/// The event that step makes; the first makes the one before it as well.
constexpr std::int32_t event_of(std::size_t step) { return static_cast<std::int32_t>(step) + 1; }

struct life {
  uuid id;
  std::array<fate, steps> writes{};
};

class fault_load {
 public:
  struct tally {
    std::uint64_t acknowledged = 0;
    std::uint64_t unacknowledged = 0;
    /// Of the writer that repeats as long as it takes, or for a reason that no fault explains.
    std::uint64_t wrongly_failed = 0;
    std::map<std::string, std::uint64_t> wrong_reasons = {};
  };

  /// Keys are of this month.
  fault_load(const std::string& conninfo, month of);
  ~fault_load() { stop(); }
  fault_load(const fault_load&) = delete;
  fault_load& operator=(const fault_load&) = delete;

  void start();
  /// Returns when every write is settled.
  void stop();
  /// Whether so many writes more are acknowledged before the deadline.
  [[nodiscard]] bool wait_for(std::uint64_t writes, std::chrono::steady_clock::time_point deadline);

  /// Since the last time. REQUIRES: stopped.
  [[nodiscard]] std::vector<life> take_lives();
  [[nodiscard]] tally counted() const;
  [[nodiscard]] writer_statistics statistics() const;

 private:
  struct sent_write;

  void run(batch_writer& with, bool is_patient);
  void submit(batch_writer& with, life& of, std::size_t step, std::deque<sent_write>& sent);
  void settle(sent_write& sent, bool is_patient);

  const month month_;
  batch_writer patient_;
  /// Gives up within an outage, so that some of what it fails is stored, and some is not.
  batch_writer impatient_;
  std::atomic<bool> stops_{false};
  std::atomic<std::uint64_t> keys_{0};
  std::vector<std::thread> threads_;
  mutable std::mutex mutex_;
  std::condition_variable progressed_;
  tally tally_;
  std::vector<life> lives_;
};

}  // namespace engine::postgres::testing
