// Candidate `engine`: the store's batch writer, used as a server of workflows uses it: changes are
// submitted as they come, and acknowledged through receipts.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_insert_input.h"
#include "bench/postgres/writes_transition_input.h"
#include "subsystems/postgres/batch_writer.h"

namespace headroom::postgres_bench::ours {

using engine::postgres::batch_writer;
using engine::postgres::change;
using engine::postgres::receipt;

inline void require(const engine::postgres::result<void>& done) {
  if (!done) {
    throw std::runtime_error(done.error().what());
  }
}

/// Transactions that the writer made of a run.
inline counter batches_per_op(const batch_writer& writer, std::uint64_t runs) {
  const std::uint64_t batches = writer.statistics().batches;
  return {"batches_per_op", static_cast<double>(batches) / static_cast<double>(runs)};
}

class insert {
 public:
  static constexpr std::string_view name = "engine";

  explicit insert(const insert_input& input) : target_(input, name), writer_(target_.url()) {}

  void prepare() {
    target_.renew();
    changes_.assign(target_.executions().begin(), target_.executions().end());
  }
  void run() {
    ++runs_;
    require(writer_.submit_each(changes_, written_));
    require(written_.wait());
  }
  [[nodiscard]] insert_input::stored answer() { return target_.stored(); }
  [[nodiscard]] std::vector<counter> counters() const { return {batches_per_op(writer_, runs_)}; }

 private:
  insert_target target_;
  std::vector<change> changes_;
  receipt written_;  // outlives the writer
  batch_writer writer_;
  std::uint64_t runs_ = 0;
};

/// `Runs` go before anybody waits for the acknowledgement: so many transitions are under way at a
/// time.
template <std::uint64_t Runs>
class transition {
 public:
  static constexpr std::string_view name = "engine";
  static constexpr std::uint64_t batch = Runs;

  explicit transition(const transition_input& input)
      : counts_(input.shared().counts_of(name)),
        place_(task_place::of(name)),
        feed_(input),
        writer_(input.shared().writer(place_.url())) {}

  void run() {
    ++counts_.runs;
    if (++runs_ % Runs == 0) {
      feed_.next(Runs * transition_input::rows_per_run, changes_);
      require(writer_.submit_each(changes_, written_));
      require(written_.wait());
    }
  }
  [[nodiscard]] transition_input::stored answer() { return feed_.stored(place_); }
  [[nodiscard]] std::vector<counter> counters() const {
    return {batches_per_op(writer_, counts_.runs)};
  }

 private:
  shared_counts& counts_;
  task_place& place_;
  transition_feed feed_;
  batch_writer& writer_;
  receipt written_;
  std::vector<change> changes_;
  std::uint64_t runs_ = 0;
};

}  // namespace headroom::postgres_bench::ours
