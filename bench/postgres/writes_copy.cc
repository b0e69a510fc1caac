#include "bench/postgres/writes_copy.h"

#include <pqxx/stream_to>
#include <pqxx/transaction>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::postgres_bench::text_copy {

void insert::run() {
  static const std::vector<std::string> execution_columns = {
      "id", "workflow_id", "tenant_id", "workflow_version", "status", "input"};
  static const std::vector<std::string> task_columns = {"execution_id", "task", "status", "attempt",
                                                        "name"};
  pqxx::work work(connection_);
  {
    pqxx::stream_to stream(work, "active_executions", execution_columns);
    for (const new_execution& each : target_.executions()) {
      stream << std::make_tuple(each.id.text(), each.workflow_id.text(), each.tenant_id,
                                each.workflow_version, 0, std::string(each.input));
    }
    stream.complete();
  }
  if (target_.has_tasks()) {
    pqxx::stream_to stream(work, "task_records", task_columns);
    for (const new_execution& each : target_.executions()) {
      const std::string id = each.id.text();
      int task = 0;
      for (const std::string_view task_name : each.tasks) {
        stream << std::make_tuple(id, task++, 0, 0, std::string(task_name));
      }
    }
    stream.complete();
  }
  work.commit();
}

}  // namespace headroom::postgres_bench::text_copy
