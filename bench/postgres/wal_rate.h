// How fast the log grows while rows go in, beside how fast the disk takes bytes.
//
// A run stores 10,000 executions. `engine` does so through the batch writer, on its two
// connections, `binary_copy` by COPY in binary on one, 1,000 at a time. The counter is bytes of the
// log a second, of the whole server, as wal_meter.h counts them.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/wal_meter.h"
#include "bench/postgres/writes_disk_file.h"
#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_insert_input.h"

namespace headroom::postgres_bench {

/// Items: executions.
class wal_rate_input : public insert_input {
 public:
  static constexpr std::size_t executions = 10'000;
  static constexpr std::size_t portion = 1'000;

  wal_rate_input() : insert_input(executions, 0) {}
};

/// Bytes of the log, and the time in which they came to be.
class wal_rate_meter {
 public:
  using clock = std::chrono::steady_clock;

  explicit wal_rate_meter(const std::string& url) : meter_(url, 1, [] {}) {}

  void begin();
  /// A piece of work is done: it has taken so long.
  void finish(clock::duration taken) { last_taken_ = taken; }
  /// bytes_per_second.
  [[nodiscard]] std::vector<counter> counters();
  /// Of the last piece; call it before anything else writes.
  [[nodiscard]] std::uint64_t bytes_of_last();

 private:
  void settle();

  wal_meter meter_;
  clock::duration last_taken_{0};
  clock::duration taken_{0};
};

namespace ours {

class wal_rate {
 public:
  static constexpr std::string_view name = "engine";

  explicit wal_rate(const wal_rate_input& input);

  void prepare();
  void run();
  [[nodiscard]] insert_input::stored answer() { return body_.answer(); }
  [[nodiscard]] std::vector<counter> counters() const { return meter_->counters(); }

 private:
  insert body_;
  std::unique_ptr<wal_rate_meter> meter_;
};

}  // namespace ours

namespace binary_copy {

class wal_rate {
 public:
  static constexpr std::string_view name = "binary_copy";

  explicit wal_rate(const wal_rate_input& input);

  void prepare();
  void run();
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }
  [[nodiscard]] std::vector<counter> counters() const { return meter_->counters(); }
  /// Of the log, for one commit, as the last run had it.
  [[nodiscard]] std::size_t bytes_per_commit() const;

 private:
  insert_target target_;
  blocking_connection connection_;
  std::vector<std::string> portions_;
  std::unique_ptr<wal_rate_meter> meter_;
};

}  // namespace binary_copy

namespace least {

/// A commit is durable when its bytes are: so many portions as `copy` has commits, each as large as
/// what one adds to the log, written to a file that has its size already, as the server's log has,
/// each followed by fdatasync(). The file is on the server's disk (writes_disk_file.h).
class wal_rate {
 public:
  static constexpr std::string_view name = "floor";

  explicit wal_rate(const wal_rate_input& input);

  void run();
  [[nodiscard]] std::string check() const;
  [[nodiscard]] std::vector<counter> counters() const;

 private:
  static constexpr std::size_t commits = wal_rate_input::executions / wal_rate_input::portion;
  static constexpr std::size_t file_bytes = std::size_t{16} << 20;

  std::string portion_;
  disk_file file_{file_bytes};
  std::size_t written_ = 0;  ///< by the last run
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::duration taken_{0};
};

}  // namespace least

}  // namespace headroom::postgres_bench
