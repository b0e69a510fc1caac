#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "bench/postgres/mixed_load.h"

namespace headroom::postgres_bench {
namespace {

namespace pg = engine::postgres;
using clock = mixed_figures::clock;

constexpr std::chrono::milliseconds tick{1};
constexpr std::size_t wheel_ticks = 1'024;
/// From the begin to the first task, and of each task; then to the end.
constexpr std::size_t step_ticks = 10;

}  // namespace

struct mixed_executions::running {
  pg::uuid id;
  std::int16_t tasks = 0;
  /// Two for each task, then the end.
  std::int16_t step = 0;
};

// Kept and used again: a receipt must not go while its callback runs.
struct mixed_executions::tracked_write {
  mixed_executions* owner = nullptr;
  mixed_call call{};
  clock::time_point due;
  pg::receipt receipt{[this] { settled(); }};

  void settled() {
    if (receipt.failed() > 0) {
      owner->figures_.fail(call, receipt.take_failures().front().why.what());
    } else {
      owner->figures_.record(call, due);
    }
    const std::lock_guard lock(owner->mutex_);
    owner->free_writes_.push_back(this);
  }
};

mixed_executions::mixed_executions(const std::string& url,
                                   const engine::fixtures::postgres_history& past,
                                   std::uint32_t per_second, mixed_figures& figures)
    : past_(past), per_second_(per_second), figures_(figures), writer_(url), wheel_(wheel_ticks) {
  driver_ = std::thread([this] { drive(); });
}

mixed_executions::~mixed_executions() { finish(); }

void mixed_executions::finish() {
  ending_ = true;
  if (driver_.joinable()) {
    driver_.join();
  }
  writer_.close();
}

// When it ends, it still leads to its end what it has begun.
void mixed_executions::drive() {
  const clock::time_point start = clock::now();
  std::uint64_t due_begins = 0;
  for (std::uint64_t ticks = 0; !ending_ || in_progress_ > 0; ++ticks) {
    const clock::time_point due = start + ticks * tick;
    std::this_thread::sleep_until(due);
    tick_ = ticks % wheel_ticks;
    for (std::unique_ptr<running>& each : std::exchange(wheel_[tick_], {})) {
      advance(*each, due);
      if (each->step > 2 * each->tasks) {
        --in_progress_;
      } else {
        wheel_[(tick_ + step_ticks) % wheel_ticks].push_back(std::move(each));
      }
    }
    for (due_begins += per_second_; due_begins >= 1'000; due_begins -= 1'000) {
      if (!ending_) {
        begin(due);
      }
    }
  }
}

void mixed_executions::begin(clock::time_point due) {
  const auto& workflow = past_.workflows()[past_.execution(random_.next() % past_.size()).workflow];
  constexpr std::string_view names[] = {"fetch", "transform", "load", "check", "notify"};
  const auto tasks = static_cast<std::int16_t>(
      std::min<std::size_t>(static_cast<std::size_t>(workflow.tasks), std::size(names)));
  auto made = std::make_unique<running>(running{pg::make_uuid(), tasks, 0});
  const pg::time_point now = pg::now();
  const pg::change changes[] = {
      pg::new_execution{.id = made->id,
                        .tenant_id = workflow.tenant,
                        .workflow_id = workflow.id,
                        .input = R"({"region":"eu-west","retries":3,"dry_run":false})",
                        .tasks = std::span(names).first(static_cast<std::size_t>(tasks))},
      pg::execution_transition{made->id, pg::execution_status::running, now, {}},
      pg::event{made->id, 0, "began", now, {}}};
  ++in_progress_;
  ++begun_;
  tasks_ += static_cast<std::uint64_t>(tasks);
  submit(mixed_call::execute, due, changes);
  wheel_[(tick_ + step_ticks) % wheel_ticks].push_back(std::move(made));
}

void mixed_executions::advance(running& of, clock::time_point due) {
  const pg::time_point now = pg::now();
  const auto task = static_cast<std::int16_t>(of.step / 2);
  const bool begins = of.step % 2 == 0;
  ++of.step;
  if (task < of.tasks && begins) {
    const pg::change began = pg::task_transition{of.id, task, pg::task_status::running, 1, now};
    submit(mixed_call::transition, due, {&began, 1});
  } else if (task < of.tasks) {
    const pg::change changes[] = {
        pg::task_transition{of.id, task, pg::task_status::succeeded, 1, now},
        pg::trace_span{.execution_id = of.id,
                       .span = task,
                       .task = task,
                       .name = "run",
                       .started_at = now - step_ticks * tick,
                       .finished_at = now,
                       .attributes = R"({"pod":"worker-7f9c","exit_code":0,"bytes_out":18234})"}};
    submit(mixed_call::transition, due, changes);
  } else {
    const pg::change changes[] = {
        pg::execution_transition{of.id, pg::execution_status::succeeded, now, R"({"rows":18234})"},
        pg::event{of.id, 1, "succeeded", now, {}}};
    submit(mixed_call::transition, due, changes);
  }
}

void mixed_executions::submit(mixed_call call, clock::time_point due,
                              std::span<const pg::change> changes) {
  tracked_write& write = take_tracked();
  write.call = call;
  write.due = due;
  if (const auto accepted = writer_.submit(changes, write.receipt); !accepted) {
    figures_.fail(call, accepted.error().what());
    const std::lock_guard lock(mutex_);
    free_writes_.push_back(&write);
  }
}

mixed_executions::tracked_write& mixed_executions::take_tracked() {
  const std::lock_guard lock(mutex_);
  if (free_writes_.empty()) {
    all_writes_.push_back(std::make_unique<tracked_write>());
    all_writes_.back()->owner = this;
    return *all_writes_.back();
  }
  tracked_write& free = *free_writes_.back();
  free_writes_.pop_back();
  return free;
}

}  // namespace headroom::postgres_bench
