#include "bench/postgres/writes_hot_ratio.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>

namespace headroom::postgres_bench {

namespace store = engine::postgres;

namespace {

constexpr std::size_t window_tasks = 2'000;
constexpr std::size_t executions_in_batch = 1'000;
static_assert(2 * window_tasks + executions_in_batch ==
              hot_ratio::batch * transition_input::rows_per_run);

}  // namespace

hot_ratio::hot_ratio(const transition_input& input, task_place& in) : place_(in), before_(read()) {
  const std::vector<task_key>& all = input.tasks();
  for (std::size_t first = 0; first + window_tasks <= all.size(); first += window_tasks) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    windows_.emplace_back(std::vector<task_key>(begin, begin + window_tasks));
  }
  for (const task_key& each : all) {
    if (each.task == 0) {
      executions_.push_back(each.execution_id);
    }
  }
}

void hot_ratio::prepare() {
  runs_ = 0;
  if (writer_ == nullptr) {
    writer_ = std::make_unique<store::batch_writer>(place_.url());
    for (std::size_t lane = 0; lane < 16; ++lane) {  // Enough that both lanes connect.
      begin_execution();
    }
    write();
  }
}

void hot_ratio::run() {
  if (++runs_ % batch != 0) {
    return;
  }
  at_ = (at_ + 1) % windows_.size();
  windows_[at_].feed.next(window_tasks, changes_);
  for (std::size_t begun = 0; begun < executions_in_batch; ++begun) {
    begin_execution();
  }
  write();
  windows_[at_].feed.next(window_tasks, changes_);
  write();
}

void hot_ratio::begin_execution() {
  changes_.emplace_back(store::execution_transition{executions_[begun_ % executions_.size()],
                                                    store::execution_status::running,
                                                    store::now(),
                                                    {}});
  ++begun_;
}

void hot_ratio::write() {
  updates_ += changes_.size();
  ours::require(writer_->submit_each(changes_, written_));
  ours::require(written_.wait());
  changes_.clear();
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
