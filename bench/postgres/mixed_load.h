// What an engine does to its store all day: executions begin, proceed and end while clients look at
// them and at those of the past. By schedule, not by answer: whatever is late is late from when it
// was due, so a slow moment shows in all that it delayed.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/harness/histogram.h"
#include "bench/postgres/query_picker.h"
#include "fixtures/postgres_history.h"
#include "fixtures/random.h"
#include "subsystems/postgres/batch_writer.h"
#include "subsystems/postgres/store_pool.h"

namespace headroom::postgres_bench {

struct mixed_rates {
  std::uint32_t queries_per_s = 5'000;
  /// Begun, each with its tasks' transitions, spans and end to follow.
  std::uint32_t executions_per_s = 1'000;
};

enum class mixed_call : std::uint8_t { execute, transition, get, list, trace, workflows, count };
inline constexpr std::array<std::string_view, 7> mixed_call_names = {
    "execute", "transition", "get", "list", "trace", "workflows", "count"};

/// Latencies of each call, from when it was due to its answer or acknowledgement, and what failed.
/// What was due before the start, while connections were opened and statements prepared, does not
/// count; failures always do. Thread-safe.
class mixed_figures {
 public:
  using clock = std::chrono::steady_clock;

  explicit mixed_figures(clock::time_point start) : start_(start) {}

  [[nodiscard]] clock::time_point start() const { return start_; }

  void record(mixed_call call, clock::time_point due);
  void fail(mixed_call call, std::string_view why);

  [[nodiscard]] std::uint64_t count(mixed_call call) const;
  [[nodiscard]] double latency_us(mixed_call call, double quantile) const;
  [[nodiscard]] std::uint64_t failures() const;
  [[nodiscard]] std::string first_failure() const;

 private:
  struct of_call {
    mutable std::mutex mutex;
    histogram latencies;
  };

  clock::time_point start_;
  std::array<of_call, mixed_call_names.size()> calls_;
  mutable std::mutex mutex_;
  std::uint64_t failures_ = 0;
  std::string first_failure_;
};

/// Begins executions and leads them to their end, through one batch_writer.
class mixed_executions {
 public:
  mixed_executions(const std::string& url, const engine::fixtures::postgres_history& past,
                   std::uint32_t per_second, mixed_figures& figures);
  ~mixed_executions();
  mixed_executions(const mixed_executions&) = delete;
  mixed_executions& operator=(const mixed_executions&) = delete;

  /// Ends what has begun and waits for every acknowledgement.
  void finish();
  [[nodiscard]] std::uint64_t begun() const { return begun_; }
  /// Of all that have begun; each has a span. REQUIRES: finish().
  [[nodiscard]] std::uint64_t tasks() const { return tasks_; }

 private:
  struct running;
  struct tracked_write;

  void drive();
  void begin(mixed_figures::clock::time_point due);
  void advance(running& of, mixed_figures::clock::time_point due);
  void submit(mixed_call call, mixed_figures::clock::time_point due,
              std::span<const engine::postgres::change> changes);
  tracked_write& take_tracked();

  const engine::fixtures::postgres_history& past_;
  const std::uint32_t per_second_;
  mixed_figures& figures_;
  engine::postgres::batch_writer writer_;
  engine::fixtures::random random_{77};
  std::vector<std::vector<std::unique_ptr<running>>> wheel_;
  std::size_t tick_ = 0;
  std::uint64_t in_progress_ = 0;
  std::mutex mutex_;
  std::vector<std::unique_ptr<tracked_write>> all_writes_;
  std::vector<tracked_write*> free_writes_;
  std::atomic<std::uint64_t> begun_{0};
  std::uint64_t tasks_ = 0;
  std::atomic<bool> ending_{false};
  std::thread driver_;
};

/// Asks for executions, lists, traces, workflows and counts, through one pool.
class mixed_queries {
 public:
  static constexpr unsigned threads = 8;
  static constexpr unsigned connections = 4;

  mixed_queries(const std::string& url, const query_picker& picker, std::uint32_t per_second,
                mixed_figures& figures);
  ~mixed_queries() { finish(); }
  mixed_queries(const mixed_queries&) = delete;
  mixed_queries& operator=(const mixed_queries&) = delete;

  void finish();

 private:
  void ask_by_schedule(unsigned number);

  const query_picker& picker_;
  const std::uint32_t per_second_;
  mixed_figures& figures_;
  engine::postgres::store_pool pool_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> ending_{false};
  mixed_figures::clock::time_point start_ = mixed_figures::clock::now();
  std::vector<std::thread> threads_;
};

}  // namespace headroom::postgres_bench
