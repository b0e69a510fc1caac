#include "bench/postgres/writes_hot_ratio.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>

namespace headroom::postgres_bench {

namespace store = engine::postgres;

hot_ratio::hot_ratio(const transition_input& input, task_place& in)
    : place_(in), feed_(input), before_(read()) {}

void hot_ratio::prepare() {
  runs_ = 0;
  if (writer_ == nullptr) {
    writer_ = std::make_unique<store::batch_writer>(place_.url());
    constexpr std::size_t enough_for_both_lanes = 16;
    write(enough_for_both_lanes, 0);
  }
}

void hot_ratio::run() {
  constexpr std::size_t executions = 1'000;
  if (++runs_ % batch == 0) {
    write(batch * transition_input::rows_per_run - executions, executions);
  }
}

void hot_ratio::write(std::size_t tasks, std::size_t executions) {
  feed_.next(tasks, changes_);
  const std::vector<task_key>& all = stored_tasks();
  for (std::size_t at = 0; executions > 0; ++at) {
    if (all[at].task == 0) {
      changes_.emplace_back(store::execution_transition{
          all[at].execution_id, store::execution_status::running, store::now(), {}});
      --executions;
    }
  }
  updates_ += changes_.size();
  ours::require(writer_->submit_each(changes_, written_));
  ours::require(written_.wait());
}

hot_ratio::figures hot_ratio::read() const {
  const std::string sums = place_.connection().value(
      "SELECT sum(n_tup_upd) || ' ' || sum(n_tup_hot_upd) FROM pg_stat_user_tables "
      "WHERE schemaname = current_schema() AND (relname ~ '^task_records' OR "
      "relname = 'active_executions')");
  figures got;
  char* end = nullptr;
  got.updates = std::strtoull(sums.c_str(), &end, 10);
  got.heap_only = std::strtoull(end, nullptr, 10);
  return got;
}

std::vector<counter> hot_ratio::counters() const {
  writer_.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    const figures now = read();
    const std::uint64_t updates = now.updates - before_.updates;
    if (updates >= updates_) {
      return {{"hot_percent", 100.0 * static_cast<double>(now.heap_only - before_.heap_only) /
                                  static_cast<double>(updates)}};
    }
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error(
          fmt::format("the server counted {} of {} updates", updates, updates_));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

namespace indexed_status {
namespace {

task_place& indexed_place() {
  task_place& place = task_place::of(hot_ratio::name);
  place.connection().execute(
      "CREATE INDEX IF NOT EXISTS task_records_by_status ON task_records (status); "
      "CREATE INDEX IF NOT EXISTS active_executions_by_status ON active_executions (status)");
  return place;
}

}  // namespace

hot_ratio::hot_ratio(const transition_input& input)
    : postgres_bench::hot_ratio(input, indexed_place()) {}

}  // namespace indexed_status

}  // namespace headroom::postgres_bench
