#include "bench/postgres/writes_transition_input.h"

#include <mutex>

#include <fmt/format.h>

#include "bench/postgres/writes_insert_input.h"
#include "fixtures/random.h"
#include "subsystems/postgres/binary_format.h"
#include "subsystems/postgres/month.h"

namespace headroom::postgres_bench {

namespace store = engine::postgres;

namespace {

constexpr std::size_t executions = 20'000;
constexpr std::size_t tasks_each = 5;

// Refer to an input that lives as long.
const std::vector<new_execution>& stored_executions() {
  static const insert_input input(executions, tasks_each);
  static const std::vector<new_execution> all = [] {
    std::vector<new_execution> made;
    input.make(made);
    return made;
  }();
  return all;
}

std::vector<task_key> shuffled_tasks() {
  std::vector<task_key> all;
  for (const new_execution& each : stored_executions()) {
    for (std::size_t task = 0; task < tasks_each; ++task) {
      all.push_back({each.id, static_cast<std::int16_t>(task)});
    }
  }
  engine::fixtures::random source(11);
  source.shuffle(std::span(all));
  return all;
}

}  // namespace

const std::vector<task_key>& stored_tasks() {
  static const std::vector<task_key> all = shuffled_tasks();
  return all;
}

task_place& task_place::of(std::string_view candidate) {
  static_cast<void>(server());  // ends after the schemas on it
  static std::mutex mutex;
  static std::map<std::string, task_place, std::less<>> all;
  const std::lock_guard lock(mutex);
  return all[std::string(candidate)];
}

const std::string& task_place::partition() {
  static const std::string name = store::task_partition_of(stored_executions().front().id);
  return name;
}

task_place::task_place() {
  connection_.execute("BEGIN");
  connection_.copy_in(copy_executions, execution_rows(stored_executions()));
  connection_.copy_in(copy_tasks, task_rows(stored_executions()));
  connection_.execute("COMMIT");
  connection_.execute("ANALYZE active_executions");
  connection_.execute("ANALYZE " + partition());
}

store::batch_writer& transition_shared::writer(const std::string& url) {
  const std::lock_guard lock(mutex_);
  if (writer_ == nullptr) {
    writer_ = std::make_unique<store::batch_writer>(url);
  }
  return *writer_;
}

shared_counts& transition_shared::counts_of(std::string_view candidate) {
  const std::lock_guard lock(mutex_);
  return counts_[std::string(candidate)];
}

std::string transition_input::mismatch(const stored& answer) {
  return answer.rows == answer.rows_wanted ? "" : "the tasks are in other states than asked for";
}

void transition_feed::begin(std::size_t rows) {
  static std::atomic<std::int64_t> last{store::now().time_since_epoch().count()};
  at_ = store::time_point(std::chrono::microseconds(last.fetch_add(1) + 1));
  first_ += rows_;
  rows_ = rows;
  const std::size_t in_turn = first_ % tasks_.size();
  if (rows <= tasks_.size() && in_turn + rows > tasks_.size()) {
    first_ += tasks_.size() - in_turn;
  }
}

transition_input::stored transition_feed::stored(task_place& in) const {
  std::map<task_key, store::task_status> wanted;
  for (std::size_t at = first_; at < first_ + rows_; ++at) {
    const task_transition made = transition(at);
    wanted[{made.execution_id, made.task}] = made.status;
  }
  store::copy_rows rows;
  for (const auto& [key, status] : wanted) {
    rows.add(key.execution_id, key.task, static_cast<std::int16_t>(status), std::int16_t{1});
  }
  const std::string at =
      fmt::format("timestamptz '2000-01-01 00:00:00+00' + {} * interval '1 microsecond'",
                  store::timestamp_of(at_));
  return {in.connection().copy_out(fmt::format(
              "COPY (SELECT execution_id, task, status, attempt FROM {} WHERE (status = 1 AND "
              "started_at = {} AND finished_at IS NULL) OR (status = 2 AND finished_at = {}) "
              "ORDER BY execution_id, task) TO STDOUT (FORMAT binary)",
              task_place::partition(), at, at)),
          std::string(rows.bytes()).append("\377\377", 2)};
}

}  // namespace headroom::postgres_bench
