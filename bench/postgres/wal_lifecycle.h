// What a whole execution of five tasks adds to the log: it begins, its tasks run one after the
// other, and it moves into the history.
//
// `batch` executions go side by side. Each of their 13 steps is acknowledged before the next, as
// the step of a real execution waits for the one before.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/wal_meter.h"
#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_insert_input.h"

namespace headroom::postgres_bench {

/// Items: executions.
class lifecycle_input {
 public:
  static constexpr std::size_t tasks = 5;

  /// `stored` executions are in the history before. REQUIRES: executions are so many batches.
  lifecycle_input(std::size_t executions, std::size_t batch, std::size_t stored)
      : executions_(executions), batch_(batch), stored_(stored), source_(batch, tasks) {}

  [[nodiscard]] std::size_t executions() const { return executions_; }
  [[nodiscard]] std::size_t batch() const { return batch_; }
  [[nodiscard]] std::size_t stored() const { return stored_; }
  [[nodiscard]] double items() const { return static_cast<double>(executions_); }
  /// As many as a batch.
  void make(std::vector<new_execution>& into) const { source_.make(into); }

  /// Executions and tasks of the last run that are over.
  struct tally {
    std::size_t executions;
    std::size_t tasks;
  };
  [[nodiscard]] std::string mismatch(const tally& answer) const;

 private:
  std::size_t executions_;
  std::size_t batch_;
  std::size_t stored_;
  insert_input source_;
};

namespace ours {

class lifecycle {
 public:
  static constexpr std::string_view name = "engine";

  explicit lifecycle(const lifecycle_input& input);

  /// Connects, and makes a checkpoint, after which the log is measured.
  void prepare();
  void run();
  [[nodiscard]] lifecycle_input::tally answer();
  [[nodiscard]] std::vector<counter> counters() const;

 private:
  void run_batch(const std::vector<new_execution>& begun);
  void write();
  void run_tasks(const std::vector<new_execution>& of);
  /// The server knows what a connection wrote when that has ended.
  void hang_up();

  const lifecycle_input& input_;
  engine_schema& schema_;
  blocking_connection connection_;
  std::vector<std::vector<new_execution>> executions_;
  std::vector<change> changes_;
  receipt written_;  // outlives the writer
  std::string writer_url_;
  std::unique_ptr<batch_writer> writer_;
  std::unique_ptr<wal_meter> meter_;
};

}  // namespace ours

}  // namespace headroom::postgres_bench
