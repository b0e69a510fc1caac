#include "bench/postgres/writes_pipeline.h"

#include <stdexcept>

#include <fmt/format.h>

#include "bench/postgres/writes_deadlock.h"

namespace headroom::postgres_bench::pipeline {

statements::statements(blocking_connection& on) : on_(on) { PQenterPipelineMode(on_.native()); }

statements::~statements() { PQexitPipelineMode(on_.native()); }

void statements::send(const char* name, std::span<const std::string_view> parameters) {
  constexpr std::size_t between_flushes = 200;
  on_.send(name, parameters);
  if (++sent_ % between_flushes == 0) {
    flush_some();
  }
}

void statements::flush_some() {
  if (PQflush(on_.native()) < 0 || PQconsumeInput(on_.native()) == 0) {
    throw std::runtime_error(
        fmt::format("the connection is lost: {}", PQerrorMessage(on_.native())));
  }
}

bool statements::commit() {
  PQpipelineSync(on_.native());  // What comes before it is one transaction, if it has no BEGIN.
  bool is_victim = false;
  for (; sent_ > 0; --sent_) {
    const query_result done = on_.receive();
    is_victim = is_victim || is_deadlock(done);
    if (!is_victim) {
      blocking_connection::require_success(done);
    }
  }
  const query_result sync(PQgetResult(on_.native()));
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) {
    throw std::runtime_error("a pipeline did not end as it should");
  }
  return !is_victim;
}

insert::insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {
  connection_.prepare("insert",
                      "INSERT INTO active_executions (id, workflow_id, tenant_id, "
                      "workflow_version, status, input) VALUES ($1, $2, $3, $4, $5, $6)");
}

void insert::run() {
  statements all(connection_);
  for (const new_execution& each : target_.executions()) {
    parameters_.clear();
    parameters_.add_all(each.id, each.workflow_id, each.tenant_id, each.workflow_version,
                        std::int16_t{0}, each.input);
    all.send("insert", parameters_.views());
  }
  static_cast<void>(all.commit());  // Rows that are new lock nothing that another has.
}

transition_body::transition_body(const transition_input& input)
    : counts_(input.shared().counts_of(candidate_name)),
      place_(task_place::of(candidate_name)),
      feed_(input),
      connection_(place_.url()) {
  connection_.prepare("update", fmt::format("UPDATE {} SET status = $3, attempt = $4, started_at = "
                                            "coalesce($5, started_at), finished_at = $6 "
                                            "WHERE execution_id = $1 AND task = $2",
                                            task_place::partition()));
  look_for_deadlocks_soon(connection_);
}

void transition_body::run_of(std::uint64_t batch) {
  if (++runs_ % batch != 0) {
    return;
  }
  feed_.next(batch * transition_input::rows_per_run, transitions_);
  counts_.runs += batch;
  while (!write()) {
    ++counts_.deadlocks;
  }
}

bool transition_body::write() {
  using time = std::optional<engine::postgres::time_point>;
  statements all(connection_);
  for (const task_transition& each : transitions_) {
    const bool is_over = is_final(each.status);
    parameters_.clear();
    parameters_.add_all(each.execution_id, each.task, static_cast<std::int16_t>(each.status),
                        each.attempt, is_over ? time() : time(each.at),
                        is_over ? time(each.at) : time());
    all.send("update", parameters_.views());
  }
  return all.commit();
}

}  // namespace headroom::postgres_bench::pipeline
