// Candidate `engine` of the mixed load: batch_writer, store_pool and history.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/mixed_input.h"

namespace headroom::postgres_bench {

/// The load goes on from the first run() until answer(), also between two runs; a run lasts until
/// the window that is under way is over.
class mixed_engine {
 public:
  static constexpr std::string_view name = "engine";

  explicit mixed_engine(const mixed_input& input) : input_(input) {}

  void run();
  /// Stops the load, and removes what it wrote.
  [[nodiscard]] mixed_input::ledger answer();
  /// Of the load since it was started last.
  [[nodiscard]] std::vector<counter> counters() const;

 private:
  struct load;

  struct end_load {
    void operator()(load* owned) const;
  };

  const mixed_input& input_;
  std::unique_ptr<load, end_load> load_;
};

}  // namespace headroom::postgres_bench
