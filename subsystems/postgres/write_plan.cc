#include <algorithm>

#include <fmt/format.h>

#include "subsystems/postgres/text_check.h"
#include "subsystems/postgres/write_plan_internal.h"

namespace engine::postgres {
namespace {

/// Days since 2000, as the server keeps a date.
std::int32_t date_of(month which) {
  constexpr std::chrono::sys_days epoch{std::chrono::year{2000} / 1 / 1};
  return static_cast<std::int32_t>(
      (std::chrono::floor<std::chrono::days>(which.begin()) - epoch).count());
}

std::int16_t number_of(execution_status status) { return static_cast<std::int16_t>(status); }
std::int16_t number_of(task_status status) { return static_cast<std::int16_t>(status); }

/// Their numbers are a smallint.
constexpr std::size_t tasks_max = 32'768;

std::optional<std::string_view> nullable(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

template <class... Columns>
void clear_all(Columns&... columns) {
  (columns.clear(), ...);
}

void clear_columns(task_updates& of) {
  clear_all(of.executions, of.tasks, of.statuses, of.attempts, of.starts, of.finishes);
}

/// A task as it is after a transition.
template <class State>
void advance(State& task, const task_transition& made) {
  task.status = made.status;
  task.attempt = made.attempt;
  if (is_final(made.status)) {
    task.finished = made.at;
  } else {
    task.finished.reset();
    task.started = made.status == task_status::running ? std::optional(made.at) : task.started;
  }
}

template <class Status>
std::optional<error> refusal_of(Status status) {
  if (name_of(status) == "unknown") {
    return error{errc::bad_input, fmt::format("there is no status {}", number_of(status))};
  }
  return std::nullopt;
}

std::optional<error> refusal_of_name(std::string_view what, std::string_view name) {
  const result<void> checked = check_name(what, name);
  return checked ? std::nullopt : std::optional(checked.error());
}

}  // namespace

write_plan::write_plan() {
  executions_.reserve(1'024);
  tasks_.reserve(1'024);
}

void write_plan::clear() {
  clear_all(active_executions, execution_records, task_records, trace_spans, events);
  clear_all(keys.begun, keys.ended, keys.months, changing_executions);
  clear_all(executions.executions, executions.statuses, executions.starts);
  clear_all(ends.executions, ends.statuses, ends.starts, ends.finishes, ends.outcomes, ends.months);
  clear_all(counts.workflows, counts.months, counts.tenants, counts.succeeded, counts.failed,
            counts.cancelled);
  std::for_each(tasks.begin(), tasks.end(), clear_columns);
  clear_all(execution_places_, task_places_, executions_, tasks_, begun_tasks_, count_states_);
  task_months = 0;
  changes_ = 0;
  merged_ = 0;
}

write_plan::outcome write_plan::build(const pending_writes& from, std::size_t first,
                                      std::size_t last, std::size_t changes_max) {
  clear();
  std::size_t at = first;
  for (std::optional<error> refusal; at < last; ++at) {
    const std::span<const change> changes = from.changes_of(from.writes()[at]);
    if (at > first && changes_ + changes.size() > changes_max) {
      break;
    }
    if (!add(changes, refusal)) {
      if (at == first) {
        clear();
        return {first + 1, std::move(refusal)};
      }
      // A part of it may be in the plan by now: once more, without.
      return build(from, first, at, changes_max);
    }
  }
  sort_executions();
  write_begun();
  write_executions();
  write_tasks();
  write_counts();
  const std::size_t rows = active_executions.rows() + execution_records.rows() +
                           trace_spans.rows() + events.rows() + executions.executions.size() +
                           ends.executions.size() + tasks_.size();
  merged_ = changes_ - std::min(changes_, rows);
  return {at, std::nullopt};
}

bool write_plan::add(std::span<const change> changes, std::optional<error>& refusal) {
  for (const change& each : changes) {
    refusal = std::visit([this](const auto& made) { return apply(made); }, each);
    if (refusal) {
      return false;
    }
  }
  changes_ += changes.size();
  return true;
}

write_plan::execution_state* write_plan::find(const uuid& id) {
  if (executions_.empty()) {
    return nullptr;
  }
  const auto found = execution_places_.find(id);
  return found == execution_places_.end() ? nullptr : &executions_[found->second];
}

std::optional<error> write_plan::apply(const new_execution& begun) {
  if (begun.tasks.size() > tasks_max) {
    return error{errc::bad_input,
                 fmt::format("it has {} tasks, {} are the most", begun.tasks.size(), tasks_max)};
  }
  for (const std::string_view name : begun.tasks) {
    if (std::optional<error> refusal = refusal_of_name("a task's name", name)) {
      return refusal;
    }
  }
  if (has_task_of(begun)) {
    return error{errc::not_found, "a task of it changed before it began"};
  }
  if (!execution_places_.emplace(begun.id, static_cast<std::uint32_t>(executions_.size())).second) {
    return error{errc::duplicate, "it exists already"};
  }
  execution_state& state = executions_.emplace_back();
  state.id = begun.id;
  state.begun = &begun;
  state.first_task = begun_tasks_.size();
  begun_tasks_.resize(begun_tasks_.size() + begun.tasks.size());
  return std::nullopt;
}

// Rows are added before any is changed, so such a change would succeed, late.
bool write_plan::has_task_of(const new_execution& begun) const {
  for (std::size_t task = 0; task < begun.tasks.size() && !task_places_.empty(); ++task) {
    if (task_places_.contains({begun.id, static_cast<std::int16_t>(task)})) {
      return true;
    }
  }
  return false;
}

std::optional<error> write_plan::apply(const execution_transition& made) {
  if (std::optional<error> refusal = refusal_of(made.status)) {
    return refusal;
  }
  const auto [place, is_new] =
      execution_places_.emplace(made.execution_id, static_cast<std::uint32_t>(executions_.size()));
  if (is_new) {
    executions_.emplace_back().id = made.execution_id;
  }
  execution_state& state = executions_[place->second];
  if (is_final(state.status)) {
    return error{errc::not_found, "it is over already"};
  }
  state.status = made.status;
  if (is_final(made.status)) {
    state.finished = made.at;
    state.outcome = made.outcome;
  } else if (made.status == execution_status::running && !state.started) {
    state.started = made.at;
  }
  return std::nullopt;
}

std::optional<error> write_plan::apply(const task_transition& made) {
  if (std::optional<error> refusal = refusal_of(made.status)) {
    return refusal;
  }
  if (made.attempt < 0) {
    return error{errc::bad_input, fmt::format("there is no attempt {}", made.attempt)};
  }
  if (const execution_state* execution = find(made.execution_id);
      execution != nullptr && execution->begun != nullptr) {
    if (made.task < 0 || static_cast<std::size_t>(made.task) >= execution->begun->tasks.size()) {
      return error{errc::not_found, fmt::format("it has no task {}", made.task)};
    }
    advance(begun_tasks_[execution->first_task + static_cast<std::size_t>(made.task)], made);
    return std::nullopt;
  }
  const auto [place, is_new] = task_places_.emplace(task_key{made.execution_id, made.task},
                                                    static_cast<std::uint32_t>(tasks_.size()));
  if (is_new) {
    task_state& state = tasks_.emplace_back();
    state.execution_id = made.execution_id;
    state.task = made.task;
  }
  advance(tasks_[place->second], made);
  return std::nullopt;
}

std::optional<error> write_plan::apply(const trace_span& span) {
  if (std::optional<error> refusal = refusal_of_name("a span's name", span.name)) {
    return refusal;
  }
  trace_spans.add(span.execution_id, span.started_at, span.finished_at, span.span, span.parent,
                  span.task, span.name, nullable(span.attributes));
  return std::nullopt;
}

std::optional<error> write_plan::apply(const event& happened) {
  if (std::optional<error> refusal = refusal_of_name("an event's kind", happened.kind)) {
    return refusal;
  }
  events.add(happened.execution_id, happened.at, happened.sequence, happened.kind,
             nullable(happened.detail));
  return std::nullopt;
}

// They mostly come in the order of their keys, as those are made.
void write_plan::sort_executions() {
  const auto by_key = [](const execution_state& a, const execution_state& b) {
    return a.id < b.id;
  };
  if (!std::is_sorted(executions_.begin(), executions_.end(), by_key)) {
    std::sort(executions_.begin(), executions_.end(), by_key);
  }
}

void write_plan::write_begun() {
  for (const execution_state& state : executions_) {
    if (state.begun == nullptr) {
      continue;
    }
    const new_execution& begun = *state.begun;
    if (is_final(state.status)) {
      execution_records.add(begun.id, begun.workflow_id, state.started, state.finished,
                            begun.tenant_id, begun.workflow_version, number_of(state.status),
                            nullable(begun.input), nullable(state.outcome));
      count_state& counted = count_states_.emplace_back();
      counted.key = {begun.workflow_id, begun.tenant_id, month_of(begun.id).yyyymm};
      counted.ended[number_of(state.status) - number_of(execution_status::succeeded)] = 1;
    } else {
      active_executions.add(begun.id, begun.workflow_id, state.started, begun.tenant_id,
                            begun.workflow_version, number_of(state.status), nullable(begun.input));
    }
    (is_final(state.status) ? keys.ended : keys.begun).add(begun.id);
    if (const month of = month_of(begun.id);
        std::find(keys.months.begin(), keys.months.end(), of) == keys.months.end()) {
      keys.months.push_back(of);
    }
    for (std::size_t task = 0; task < begun.tasks.size(); ++task) {
      const task_state& of = begun_tasks_[state.first_task + task];
      task_records.add(begun.id, of.started, of.finished, static_cast<std::int16_t>(task),
                       number_of(of.status), of.attempt, begun.tasks[task]);
    }
  }
}

void write_plan::write_executions() {
  std::erase_if(executions_, [](const execution_state& state) { return state.begun != nullptr; });
  for (const execution_state& state : executions_) {
    if (is_final(state.status)) {
      ends.executions.add(state.id);
      ends.statuses.add(number_of(state.status));
      ends.starts.add(state.started);
      ends.finishes.add(state.finished);
      ends.outcomes.add(nullable(state.outcome));
      ends.months.add(date_of(month_of(state.id)));
    } else {
      executions.executions.add(state.id);
      executions.statuses.add(number_of(state.status));
      executions.starts.add(state.started);
    }
  }
  if (ends.executions.size() > 0 && executions.executions.size() > 0) {
    for (const execution_state& state : executions_) {
      changing_executions.add(state.id);
    }
  }
}

// By key, which is by month as well.
void write_plan::write_tasks() {
  std::sort(tasks_.begin(), tasks_.end(), [](const task_state& a, const task_state& b) {
    return a.execution_id != b.execution_id ? a.execution_id < b.execution_id : a.task < b.task;
  });
  task_updates* into = nullptr;
  time_point month_end;
  for (const task_state& state : tasks_) {
    if (into == nullptr || state.execution_id.time() >= month_end) {
      if (task_months == tasks.size()) {
        tasks.emplace_back();
      }
      into = &tasks[task_months++];
      into->of = month_of(state.execution_id);
      month_end = into->of.plus(1).begin();
    }
    into->executions.add(state.execution_id);
    into->tasks.add(state.task);
    into->statuses.add(number_of(state.status));
    into->attempts.add(state.attempt);
    into->starts.add(state.started);
    into->finishes.add(state.finished);
  }
}

void write_plan::write_counts() {
  std::sort(count_states_.begin(), count_states_.end(),
            [](const count_state& a, const count_state& b) { return a.key < b.key; });
  for (std::size_t at = 0; at < count_states_.size();) {
    count_state sum = count_states_[at];
    for (++at; at < count_states_.size() && count_states_[at].key == sum.key; ++at) {
      for (std::size_t status = 0; status < std::size(sum.ended); ++status) {
        sum.ended[status] += count_states_[at].ended[status];
      }
    }
    counts.workflows.add(sum.key.workflow_id);
    counts.months.add(date_of({sum.key.yyyymm}));
    counts.tenants.add(sum.key.tenant_id);
    counts.succeeded.add(sum.ended[0]);
    counts.failed.add(sum.ended[1]);
    counts.cancelled.add(sum.ended[2]);
  }
}

}  // namespace engine::postgres
