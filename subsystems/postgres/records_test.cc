#include "subsystems/postgres/records.h"

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

TEST(records, names_of_executions) {
  const std::vector<std::pair<execution_status, std::string_view>> cases{
      {execution_status::pending, "pending"},         {execution_status::running, "running"},
      {execution_status::succeeded, "succeeded"},     {execution_status::failed, "failed"},
      {execution_status::cancelled, "cancelled"},     {static_cast<execution_status>(5), "unknown"},
      {static_cast<execution_status>(-1), "unknown"},
  };
  for (const auto& [status, name] : cases) {
    EXPECT_EQ(name_of(status), name);
    EXPECT_EQ(is_final(status), status >= execution_status::succeeded) << name;
  }
}

TEST(records, names_of_tasks) {
  const std::vector<std::pair<task_status, std::string_view>> cases{
      {task_status::pending, "pending"},        {task_status::running, "running"},
      {task_status::succeeded, "succeeded"},    {task_status::failed, "failed"},
      {task_status::skipped, "skipped"},        {task_status::cancelled, "cancelled"},
      {static_cast<task_status>(6), "unknown"}, {static_cast<task_status>(-1), "unknown"},
  };
  for (const auto& [status, name] : cases) {
    EXPECT_EQ(name_of(status), name);
    EXPECT_EQ(is_final(status), status >= task_status::succeeded) << name;
  }
}

TEST(records, every_change_names_its_execution) {
  const uuid key = make_uuid();
  const std::vector<change> changes{
      new_execution{.id = key, .workflow_id = {}},
      execution_transition{.execution_id = key, .at = {}},
      task_transition{.execution_id = key, .at = {}},
      trace_span{.execution_id = key, .name = {}, .started_at = {}, .finished_at = {}},
      event{.execution_id = key, .kind = {}, .at = {}},
  };
  for (const change& each : changes) {
    EXPECT_EQ(execution_of(each), key) << each.index();
  }
}

}  // namespace
}  // namespace engine::postgres
