#include "bench/postgres/writes_insert_input.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "fixtures/random.h"
#include "subsystems/postgres/binary_format.h"

namespace headroom::postgres_bench {

namespace store = engine::postgres;

namespace {

constexpr std::size_t different_inputs = 1'000;
constexpr std::size_t workflow_count = 1'000;
constexpr std::uint32_t tenant_count = 50;
constexpr std::array<std::string_view, 10> task_names = {"fetch",  "check", "transform", "enrich",
                                                         "train",  "score", "publish",   "notify",
                                                         "report", "clean"};
constexpr std::string_view no_rows("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view end_mark("\377\377", 2);
constexpr std::optional<store::time_point> never;

std::string bytes_of(const store::copy_rows& rows) {
  return std::string(rows.rows() == 0 ? no_rows : rows.bytes());
}

std::vector<new_execution> by_key(std::vector<new_execution> executions) {
  std::sort(executions.begin(), executions.end(),
            [](const new_execution& a, const new_execution& b) { return a.id < b.id; });
  return executions;
}

}  // namespace

const char* const copy_executions =
    "COPY active_executions (id, workflow_id, started_at, tenant_id, workflow_version, status, "
    "input) FROM STDIN (FORMAT binary)";
const char* const copy_tasks =
    "COPY task_records (execution_id, started_at, finished_at, task, status, attempt, name) "
    "FROM STDIN (FORMAT binary)";

std::string execution_rows(std::span<const new_execution> of) {
  store::copy_rows rows;
  for (const new_execution& each : of) {
    rows.add(each.id, each.workflow_id, never, each.tenant_id, each.workflow_version,
             std::int16_t{0}, each.input);
  }
  return bytes_of(rows);
}

std::string task_rows(std::span<const new_execution> of) {
  store::copy_rows rows;
  for (const new_execution& each : of) {
    std::int16_t task = 0;
    for (const std::string_view name : each.tasks) {
      rows.add(each.id, never, never, task++, std::int16_t{0}, std::int16_t{0}, name);
    }
  }
  return bytes_of(rows);
}

insert_input::insert_input(std::size_t rows, std::size_t tasks)
    : rows_(rows), tasks_(tasks), task_names_(task_names.begin(), task_names.begin() + tasks) {
  engine::fixtures::random source(5);
  for (std::size_t at = 0; at < workflow_count; ++at) {
    workflows_.push_back(store::make_uuid(store::time_point(), source.next()));
  }
  for (std::size_t at = 0; at < different_inputs; ++at) {
    inputs_.push_back(fmt::format(
        R"({{"customer": "c-{:06}", "amount": {}, "region": "eu-west-{}", "retries": {}}})",
        source.below(1'000'000), source.below(100'000), source.below(4), source.below(5)));
  }
}

void insert_input::make(std::vector<new_execution>& into) const {
  into.clear();
  for (std::size_t at = 0; at < rows_; ++at) {
    into.push_back({.id = store::make_uuid(),
                    .tenant_id = static_cast<std::int32_t>(1 + at * 7 % tenant_count),
                    .workflow_id = workflows_[at * 13 % workflow_count],
                    .input = inputs_[at % different_inputs],
                    .tasks = task_names_});
  }
}

std::string insert_input::mismatch(const stored& answer) {
  if (answer.executions != answer.executions_wanted) {
    return fmt::format("the executions stored are others than the {} bytes asked for",
                       answer.executions_wanted.size());
  }
  return answer.tasks == answer.tasks_wanted ? "" : "the tasks stored are others than asked for";
}

insert_target::place& insert_target::place_of(std::string_view candidate) {
  static_cast<void>(server());  // ends after the schemas on it
  static std::map<std::string, place, std::less<>> all;
  return all[std::string(candidate)];
}

insert_target::insert_target(const insert_input& input, std::string_view candidate)
    : input_(input), place_(&place_of(candidate)) {}

void insert_target::renew() {
  if (place_->rows + input_.rows() > rows_max) {
    place_->connection.execute("TRUNCATE active_executions, task_records");
    place_->rows = 0;
  }
  place_->rows += input_.rows();
  input_.make(executions_);
}

insert_input::stored insert_target::stored() {
  const std::vector<new_execution> wanted = by_key(executions_);
  const std::string first = wanted.front().id.text();
  const std::string last = wanted.back().id.text();
  blocking_connection& on = place_->connection;
  return {on.copy_out(fmt::format(
              "COPY (SELECT id, workflow_id, started_at, tenant_id, workflow_version, status, "
              "input FROM active_executions WHERE id BETWEEN '{}' AND '{}' ORDER BY id) "
              "TO STDOUT (FORMAT binary)",
              first, last)),
          execution_rows(wanted).append(end_mark),
          on.copy_out(fmt::format(
              "COPY (SELECT execution_id, started_at, finished_at, task, status, attempt, name "
              "FROM task_records WHERE execution_id BETWEEN '{}' AND '{}' "
              "ORDER BY execution_id, task) TO STDOUT (FORMAT binary)",
              first, last)),
          task_rows(wanted).append(end_mark)};
}

}  // namespace headroom::postgres_bench
