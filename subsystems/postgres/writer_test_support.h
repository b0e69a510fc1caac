// What the tests of the batch writer share: changes in one line each, and what is stored, as text.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/batch_writer.h"
#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres::testing {

inline constexpr month march{202403};
inline constexpr std::array<std::string_view, 3> three_names = {"build", "test", "deploy"};
inline const uuid workflow = make_uuid(march.begin(), 1);

inline time_point at(int second) { return march.begin() + std::chrono::seconds(second); }

inline change begins(const uuid& id, std::span<const std::string_view> tasks = three_names,
                     std::string_view input = {}) {
  return new_execution{
      .id = id, .tenant_id = 7, .workflow_id = workflow, .input = input, .tasks = tasks};
}
inline change becomes(const uuid& id, execution_status status, int second = 1,
                      std::string_view outcome = {}) {
  return execution_transition{
      .execution_id = id, .status = status, .at = at(second), .outcome = outcome};
}
inline change task(const uuid& id, std::int16_t number, task_status status, int second = 1,
                   std::int16_t attempt = 1) {
  return task_transition{
      .execution_id = id, .task = number, .status = status, .attempt = attempt, .at = at(second)};
}
inline change happens(const uuid& id, std::int32_t sequence, std::string_view kind = "kind",
                      std::string_view detail = {}) {
  return event{
      .execution_id = id, .sequence = sequence, .kind = kind, .at = at(1), .detail = detail};
}
inline change spans(const uuid& id, std::int32_t span, std::string_view name,
                    std::string_view attributes = {}) {
  return trace_span{.execution_id = id,
                    .span = span,
                    .name = name,
                    .started_at = at(1),
                    .finished_at = at(2),
                    .attributes = attributes};
}

inline result<void> write(batch_writer& with, const std::vector<change>& changes) {
  return with.write(changes);
}

/// The code of a failure whose message begins with the execution's name; errc{} if it is none.
inline errc refusal_of(const result<void>& outcome, const uuid& id) {
  if (outcome) {
    return errc{};
  }
  EXPECT_EQ(outcome.error().what().find(fmt::format("execution {}: ", id.text())), 0U)
      << outcome.error().what();
  return outcome.error().code;
}

/// The store with its partitions of March 2024, and a look at it.
class writer_store : public test_store {
 public:
  writer_store() : test_store(march, march) {}

  /// Status and attempt of a task.
  std::string task_of(const uuid& id, int number) {
    return text(
        fmt::format("SELECT concat_ws(' ', (SELECT status || ' ' || attempt FROM "
                    "task_records WHERE execution_id = '{}' AND task = {}))",
                    id.text(), number));
  }
  /// In which table it is, and its status.
  std::string execution(const uuid& id) {
    return text(
        fmt::format("SELECT concat_ws(' ', (SELECT 'active ' || status FROM active_executions "
                    "WHERE id = '{0}'), "
                    "(SELECT 'over ' || status FROM execution_records WHERE id = '{0}'))",
                    id.text()));
  }
  std::int64_t rows(std::string_view table) {
    return number(fmt::format("SELECT count(*) FROM {}", table));
  }
  /// Counts that differ from what is in execution_records.
  std::int64_t wrong_counts() {
    return number(
        "SELECT count(*) FROM (SELECT tenant_id, workflow_id, sum(succeeded) AS s, sum(failed) AS "
        "f, "
        "sum(cancelled) AS c FROM execution_counts GROUP BY 1, 2) AS counted FULL JOIN (SELECT "
        "tenant_id, workflow_id, count(*) FILTER (WHERE status = 2) AS s, count(*) FILTER (WHERE "
        "status = 3) AS f, count(*) FILTER (WHERE status = 4) AS c FROM execution_records GROUP BY "
        "1, 2) AS stored USING (tenant_id, workflow_id) "
        "WHERE (counted.s, counted.f, counted.c) IS DISTINCT FROM (stored.s, stored.f, stored.c)");
  }
};

}  // namespace engine::postgres::testing
