// How many updates are heap-only: no index entry is written for them, and no vacuum is needed to
// take the old version away.
//
// The candidates are two schemas under the same writer: the engine's, and one with an index on the
// status. A batch changes 4,000 tasks and 1,000 executions.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench {

class hot_ratio {
 public:
  static constexpr std::uint64_t batch = 50;

  /// Connects anew, if counters() has hung up.
  void prepare();
  void run();
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }
  /// hot_percent, as the server counts. It knows what a connection did when that has ended, so this
  /// ends them.
  [[nodiscard]] std::vector<counter> counters() const;

 protected:
  hot_ratio(const transition_input& input, task_place& in);

 private:
  struct figures {
    std::uint64_t updates = 0;
    std::uint64_t heap_only = 0;
  };
  [[nodiscard]] figures read() const;
  void write(std::size_t tasks, std::size_t executions);

  task_place& place_;
  transition_feed feed_;
  std::vector<engine::postgres::change> changes_;
  engine::postgres::receipt written_;
  mutable std::unique_ptr<engine::postgres::batch_writer> writer_;
  figures before_;
  std::uint64_t updates_ = 0;
  std::uint64_t runs_ = 0;
};

namespace ours {

class hot_ratio : public postgres_bench::hot_ratio {
 public:
  static constexpr std::string_view name = "engine";
  explicit hot_ratio(const transition_input& input)
      : postgres_bench::hot_ratio(input, task_place::of(name)) {}
};

}  // namespace ours

namespace indexed_status {

/// Finding what runs by an index on the status, as many schemas have it: each transition then is a
/// new entry in every index of the table.
class hot_ratio : public postgres_bench::hot_ratio {
 public:
  static constexpr std::string_view name = "indexed_status";
  explicit hot_ratio(const transition_input& input);
};

}  // namespace indexed_status

}  // namespace headroom::postgres_bench
