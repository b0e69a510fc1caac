#include <array>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "subsystems/postgres/batch_pipeline_internal.h"

namespace engine::postgres {

std::string task_statement_name(month of) { return fmt::format("tasks_{}", of.yyyymm); }

std::size_t number_in(const char* text) {
  std::size_t number = 0;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

void batch_pipeline::send(const char* sql, rows wanted) {
  PQsendQueryParams(on_.native(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
  sent_.push_back({wanted, 0, {}, std::nullopt});
}

void batch_pipeline::send_prepared(const char* name,
                                   std::initializer_list<std::string_view> parameters, rows wanted,
                                   std::size_t count, std::string_view table) {
  std::array<const char*, 8> values{};
  std::array<int, 8> lengths{};
  std::array<int, 8> formats{};
  std::size_t at = 0;
  for (const std::string_view each : parameters) {
    values[at] = each.data();
    lengths[at] = static_cast<int>(each.size());
    formats[at++] = 1;
  }
  PQsendQueryPrepared(on_.native(), name, static_cast<int>(at), values.data(), lengths.data(),
                      formats.data(), 0);
  sent_.push_back({wanted, count, table, std::nullopt});
}

void batch_pipeline::send_tasks(task_updates& of) {
  send_prepared(task_statement_name(of.of).c_str(),
                {of.executions.bytes(), of.tasks.bytes(), of.statuses.bytes(), of.attempts.bytes(),
                 of.starts.bytes(), of.finishes.bytes()},
                rows::all_updated, of.executions.size(), "tasks");
  sent_.back().tasks_of = of.of;
}

std::optional<commit_failure> batch_pipeline::finish(bool& is_committed) {
  PQpipelineSync(on_.native());
  std::optional<commit_failure> first;
  for (const statement& each : sent_) {
    const query_result got = next_result();
    if (!first) {
      first = judge(each, got.get(), is_committed);
    }
    if (on_.is_lost()) {
      return first;
    }
    static_cast<void>(next_result());  // Null: it is over.
  }
  static_cast<void>(next_result());  // The sync.
  return first;
}

std::optional<commit_failure> batch_pipeline::judge(const statement& of, const PGresult* got,
                                                    bool& is_committed) {
  const ExecStatusType status = PQresultStatus(got);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    commit_failure failed = failure_of(of, got);
    return of.wanted == rows::none_if_committed ? waited_for_lane(failed) : failed;
  }
  const bool is_counted = of.wanted == rows::all_counted || of.wanted == rows::none_counted;
  const std::size_t touched = is_counted ? number_in(PQgetvalue(got, 0, 0))
                                         : number_in(PQcmdTuples(const_cast<PGresult*>(got)));
  if (of.wanted == rows::none_if_committed) {
    is_committed = is_committed || touched == 0;
  } else if (of.wanted == rows::none_counted && touched != 0) {
    return commit_failure{commit_failure::kind::refused, {errc::duplicate, "it exists already"}};
  } else if (of.wanted != rows::any && touched != of.count) {
    return commit_failure{commit_failure::kind::refused,
                          {errc::not_found, fmt::format("{} of {} {} do not exist, or are over",
                                                        of.count - touched, of.count, of.table)}};
  }
  return std::nullopt;
}

commit_failure batch_pipeline::failure_of(const statement& of, const PGresult* got) {
  commit_failure failed = failure_on(on_, got);
  if (of.tasks_of && sqlstate_of(got) == undefined_table) {
    // Dropped since the statement was prepared; a new connection will find out at once.
    failed = no_tasks_of(*of.tasks_of, failed.why.message);
    on_.lose();
  }
  return failed;
}

}  // namespace engine::postgres
