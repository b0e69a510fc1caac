#include "bench/postgres/writes_unnest.h"

#include <algorithm>

#include "bench/postgres/writes_deadlock.h"

namespace headroom::postgres_bench::unnest {

namespace {

// Of those that have the same key and stand in the order in which they came.
void keep_last(std::vector<task_transition>& sorted) {
  const auto first = std::unique(sorted.rbegin(), sorted.rend(),
                                 [](const task_transition& a, const task_transition& b) {
                                   return a.execution_id == b.execution_id && a.task == b.task;
                                 });
  sorted.erase(sorted.begin(), first.base());
}

}  // namespace

insert::insert(const insert_input& input) : target_(input, name), connection_(target_.url()) {
  connection_.prepare(
      "insert",
      "INSERT INTO active_executions (id, workflow_id, tenant_id, workflow_version, status, input) "
      "SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::smallint[], "
      "$6::json[])");
}

void insert::run() {
  ids_.clear();
  workflows_.clear();
  tenants_.clear();
  versions_.clear();
  statuses_.clear();
  inputs_.clear();
  for (const new_execution& each : target_.executions()) {
    ids_.add(each.id);
    workflows_.add(each.workflow_id);
    tenants_.add(each.tenant_id);
    versions_.add(each.workflow_version);
    statuses_.add(std::int16_t{0});
    inputs_.add(each.input);
  }
  connection_.run("insert", std::array{ids_.bytes(), workflows_.bytes(), tenants_.bytes(),
                                       versions_.bytes(), statuses_.bytes(), inputs_.bytes()});
}

transition_body::transition_body(const transition_input& input, std::string_view name)
    : counts_(input.shared().counts_of(name)),
      place_(task_place::of(name)),
      feed_(input),
      connection_(place_.url()) {
  // From each key to its row, however few or many the keys are.
  connection_.execute("SET plan_cache_mode = force_generic_plan");
  connection_.prepare("update", unnest_update(task_place::partition()));
  look_for_deadlocks_soon(connection_);
}

void transition_body::run_in(row_order order, std::uint64_t batch) {
  if (++runs_ % batch != 0) {
    return;
  }
  feed_.next(batch * transition_input::rows_per_run, transitions_);
  if (order != row_order::as_they_come) {
    sort_by_key(transitions_);
  }
  if (order == row_order::last_by_key) {
    keep_last(transitions_);
  }
  arrays_.assign(transitions_);
  counts_.runs += batch;
  write();
}

void transition_body::write() {
  for (;;) {
    connection_.send("update", arrays_.views());
    const query_result done = connection_.receive();
    if (!is_deadlock(done)) {
      blocking_connection::require_success(done);
      return;
    }
    ++counts_.deadlocks;
  }
}

}  // namespace headroom::postgres_bench::unnest
