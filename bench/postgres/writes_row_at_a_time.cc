#include "bench/postgres/writes_row_at_a_time.h"

#include <chrono>

#include <fmt/format.h>

namespace headroom::postgres_bench::row_at_a_time {

insert::insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {
  connection_.prepare("execution",
                      "INSERT INTO active_executions (id, workflow_id, tenant_id, "
                      "workflow_version, status, input) VALUES ($1, $2, $3, $4, $5, $6)");
  connection_.prepare("task",
                      "INSERT INTO task_records (execution_id, task, status, attempt, name) "
                      "VALUES ($1, $2, $3, $4, $5)");
}

void insert::insert_execution(pqxx::transaction_base& in, const new_execution& begun) {
  in.exec_prepared("execution", begun.id.text(), begun.workflow_id.text(), begun.tenant_id,
                   begun.workflow_version, 0, std::string(begun.input));
}

void insert::run() {
  for (const new_execution& each : target_.executions()) {
    if (each.tasks.empty()) {
      pqxx::nontransaction work(connection_);
      insert_execution(work, each);
      continue;
    }
    pqxx::work work(connection_);
    insert_execution(work, each);
    int task = 0;
    for (const std::string_view task_name : each.tasks) {
      work.exec_prepared("task", each.id.text(), task++, 0, 0, std::string(task_name));
    }
    work.commit();
  }
}

std::string text_of(engine::postgres::time_point at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

void prepare_updates(pqxx::connection& on) {
  const std::string& partition = task_place::partition();
  on.prepare("start", "UPDATE " + partition +
                          " SET status = $3, attempt = $4, started_at = $5, finished_at = NULL "
                          "WHERE execution_id = $1 AND task = $2");
  on.prepare("finish", "UPDATE " + partition +
                           " SET status = $3, attempt = $4, finished_at = $5 "
                           "WHERE execution_id = $1 AND task = $2");
}

void update(pqxx::transaction_base& in, const task_transition& made) {
  in.exec_prepared(is_final(made.status) ? "finish" : "start", made.execution_id.text(), made.task,
                   static_cast<int>(made.status), made.attempt, text_of(made.at));
}

transition::transition(const transition_input& input)
    : place_(task_place::of(name)), feed_(input), connection_(place_.url()) {
  prepare_updates(connection_);
}

void transition::run() {
  feed_.next(transition_input::rows_per_run, transitions_);
  for (const task_transition& each : transitions_) {
    pqxx::nontransaction work(connection_);
    update(work, each);
  }
}

}  // namespace headroom::postgres_bench::row_at_a_time
