#include "bench/postgres/wal_lifecycle.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "fixtures/connection_string.h"

namespace headroom::postgres_bench {

namespace store = engine::postgres;

std::string lifecycle_input::mismatch(const tally& answer) const {
  return answer.executions == executions_ && answer.tasks == executions_ * tasks
             ? ""
             : fmt::format("{} of {} executions and {} of {} tasks are over", answer.executions,
                           executions_, answer.tasks, executions_ * tasks);
}

namespace ours {
namespace {

constexpr const char* writer_name = "headroom_wal_lifecycle";

std::string named(const std::string& url) {
  engine::fixtures::connection_string changed(url);
  changed.set("application_name", writer_name);
  return changed.uri();
}

/// With so many executions in the history.
engine_schema& filled_schema(std::size_t stored) {
  static_cast<void>(server());  // ends after the schema on it
  static engine_schema schema("headroom_wal");
  static const bool filled = [stored] {
    constexpr std::size_t portion = 1'000;
    const insert_input source(portion, lifecycle_input::tasks);
    std::vector<new_execution> executions;
    receipt written;
    batch_writer writer(schema.url());
    for (std::size_t done = 0; done < stored; done += portion) {
      source.make(executions);
      for (const new_execution& each : executions) {
        const change whole[] = {
            each, store::execution_transition{each.id, store::execution_status::succeeded,
                                              store::now(), R"({"result": "stored before"})"}};
        require(writer.submit(whole, written));
      }
      require(written.wait());
    }
    return true;
  }();
  static_cast<void>(filled);
  return schema;
}

}  // namespace

lifecycle::lifecycle(const lifecycle_input& input)
    : input_(input),
      schema_(filled_schema(input.stored())),
      connection_(schema_.url()),
      writer_url_(named(schema_.url())),
      meter_(std::make_unique<wal_meter>(schema_.url(), input.items(), [this] { hang_up(); })) {}

void lifecycle::hang_up() {
  writer_.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (connection_.value(fmt::format(
             "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}'", writer_name)) !=
         "0") {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("the writer's sessions do not end");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void lifecycle::prepare() {
  executions_.resize(input_.executions() / input_.batch());
  for (std::vector<new_execution>& each : executions_) {
    input_.make(each);
  }
  meter_->begin(true);
  if (writer_ == nullptr) {
    writer_ = std::make_unique<batch_writer>(writer_url_);
  }
}

void lifecycle::run() {
  for (const std::vector<new_execution>& each : executions_) {
    run_batch(each);
  }
}

void lifecycle::run_batch(const std::vector<new_execution>& begun) {
  changes_.assign(begun.begin(), begun.end());
  write();
  const auto advance = [&](store::execution_status to, std::string_view outcome) {
    const store::time_point at = store::now();
    for (const new_execution& each : begun) {
      changes_.emplace_back(store::execution_transition{each.id, to, at, outcome});
    }
    write();
  };
  advance(store::execution_status::running, {});
  run_tasks(begun);
  advance(store::execution_status::succeeded, R"({"result": "s3://results/0123456789abcdef"})");
}

void lifecycle::run_tasks(const std::vector<new_execution>& of) {
  for (std::size_t task = 0; task < lifecycle_input::tasks; ++task) {
    for (const store::task_status to :
         {store::task_status::running, store::task_status::succeeded}) {
      const store::time_point at = store::now();
      for (const new_execution& each : of) {
        changes_.emplace_back(
            store::task_transition{each.id, static_cast<std::int16_t>(task), to, 1, at});
      }
      write();
    }
  }
}

void lifecycle::write() {
  require(writer_->submit_each(changes_, written_));
  require(written_.wait());
  changes_.clear();
}

lifecycle_input::tally lifecycle::answer() {
  meter_->end();
  // Keys of the same microsecond are in no order.
  store::uuid first = executions_.front().front().id;
  store::uuid last = first;
  for (const std::vector<new_execution>& batch : executions_) {
    for (const new_execution& each : batch) {
      first = std::min(first, each.id);
      last = std::max(last, each.id);
    }
  }
  const auto count = [&](const char* condition) {
    const std::string sql = fmt::format(
        "SELECT count(*) FROM {} BETWEEN '{}' AND '{}' AND status = 2 AND started_at "
        "<= finished_at",
        condition, first.text(), last.text());
    return static_cast<std::size_t>(std::strtoull(connection_.value(sql).c_str(), nullptr, 10));
  };
  return {count("execution_records WHERE id"), count("task_records WHERE execution_id")};
}

std::vector<counter> lifecycle::counters() const {
  meter_->end();
  return meter_->counters();
}

}  // namespace ours

}  // namespace headroom::postgres_bench
