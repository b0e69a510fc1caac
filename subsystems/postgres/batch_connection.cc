#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "subsystems/postgres/batch_connection_internal.h"
#include "subsystems/postgres/batch_pipeline_internal.h"
#include "subsystems/postgres/batch_sql_internal.h"

namespace engine::postgres {

using namespace batch_sql;  // NOLINT(google-build-using-namespace): statements that are run here

namespace {

/// The server takes no message of more than a gigabyte.
constexpr std::size_t message_bytes_max = std::size_t{64} << 20;

}  // namespace

batch_connection::batch_connection(std::string conninfo, const uuid& writer, unsigned lane,
                                   const timeouts& limits)
    : conninfo_(std::move(conninfo)), writer_(writer), lane_(lane), limits_(limits) {}

steady_time batch_connection::answer_deadline() const {
  return std::chrono::steady_clock::now() + limits_.answer;
}

batch_connection::failure batch_connection::open() {
  if (session_ && !session_->is_lost()) {
    return std::nullopt;
  }
  session_.reset();
  prepared_months_.clear();
  result<session> opened =
      session::connect(conninfo_, std::chrono::steady_clock::now() + limits_.connect);
  if (!opened) {
    return commit_failure{commit_failure::kind::passing, opened.error()};
  }
  ++connects_;
  if (const result<void> ready = set_up(*opened); !ready) {
    return commit_failure{opened->is_lost() ? commit_failure::kind::passing
                                            : kind_of(opened->last_sqlstate(), ready.error().code),
                          ready.error()};
  }
  session_ = std::move(*opened);
  return std::nullopt;
}

result<void> batch_connection::set_up(session& on) {
  const auto deadline = answer_deadline();
  const std::string lock_timeout = fmt::format("SET lock_timeout = {}", limits_.lock.count());
  for (const char* each : {session_settings, be_durable, lock_timeout.c_str()}) {
    if (const auto set = on.execute(each, deadline); !set) {
      return set.error();
    }
  }
  const result<query_result> slot = on.execute(take_slot, deadline);
  if (!slot) {
    return slot.error();
  }
  if (PQntuples(slot->get()) != 1) {
    return error{errc::query_failed, "there are too many writers"};
  }
  slot_ = static_cast<std::int16_t>(number_in(PQgetvalue(slot->get(), 0, 0)));
  constexpr std::pair<const char*, const char*> prepared[] = {{"locks", lock_executions},
                                                              {"executions", update_executions},
                                                              {"ends", end_executions},
                                                              {"counts", add_counts},
                                                              {"doubled", count_doubled}};
  for (const auto& [name, sql] : prepared) {
    if (result<void> done = on.prepare(name, sql, deadline); !done) {
      return done;
    }
  }
  return {};
}

batch_connection::failure batch_connection::prepare_tasks(month of) {
  if (prepared_months_.contains(of.yyyymm)) {
    return std::nullopt;
  }
  const std::string sql =
      fmt::format(fmt::runtime(update_tasks), partition_name_of("task_records", of));
  const result<void> done =
      session_->prepare(task_statement_name(of).c_str(), sql.c_str(), answer_deadline());
  if (!done) {
    const std::string_view state = session_->last_sqlstate();
    return state == undefined_table
               ? no_tasks_of(of, done.error().message)
               : commit_failure{kind_of(state, done.error().code), done.error()};
  }
  prepared_months_.insert(of.yyyymm);
  return std::nullopt;
}

bool batch_connection::are_prepared(const write_plan& plan) const {
  const auto is_prepared = [this](month of) { return prepared_months_.contains(of.yyyymm); };
  for (std::size_t at = 0; at < plan.task_months; ++at) {
    if (!is_prepared(plan.tasks[at].of)) {
      return false;
    }
  }
  return std::all_of(plan.keys.months.begin(), plan.keys.months.end(), is_prepared);
}

batch_connection::failure batch_connection::prepare_months(const write_plan& plan) {
  for (const month of : plan.keys.months) {
    if (failure failed = prepare_tasks(of)) {
      // What begins there, if it has no tasks, would be noticed at its end only.
      failed->why.code = failed->why.code == errc::not_found ? errc::rejected : failed->why.code;
      return failed;
    }
  }
  for (std::size_t at = 0; at < plan.task_months; ++at) {
    if (failure failed = prepare_tasks(plan.tasks[at].of)) {
      return failed;
    }
  }
  return std::nullopt;
}

std::optional<commit_failure> batch_connection::commit(write_plan& plan, std::int64_t batch) {
  if (failure failed = open()) {
    return failed;
  }
  bool is_committed = false;
  failure failed = fill(plan, batch, is_committed);
  if (is_committed) {
    ++found_committed_;
    roll_back();
    return std::nullopt;
  }
  if (failed) {
    roll_back();
    return failed;
  }
  return end();
}

batch_connection::failure batch_connection::begin(std::int64_t batch, bool& is_committed) {
  const std::string sql = fmt::format("BEGIN; {}", claim_of(writer_, lane_, batch));
  const result<query_result> claimed = session_->execute(sql.c_str(), answer_deadline());
  if (!claimed) {
    return waited_for_lane(
        commit_failure{kind_of(session_->last_sqlstate(), claimed.error().code), claimed.error()});
  }
  is_committed = number_in(PQcmdTuples(claimed->get())) == 0;
  return std::nullopt;
}

batch_connection::failure batch_connection::fill(write_plan& plan, std::int64_t batch,
                                                 bool& is_committed) {
  const std::string opening = fmt::format("BEGIN; {}; ", claim_of(writer_, lane_, batch));
  bool begun = false;
  for (const copy_target& target : copy_targets) {
    const copy_rows& rows = plan.*target.rows;
    if (rows.rows() == 0) {
      continue;
    }
    failure failed =
        copy(begun ? std::string_view() : opening, target.statement, rows, is_committed);
    if (failed || is_committed) {
      return failed;
    }
    begun = true;
  }
  // Only after the claim: a repeated batch that is committed needs no table any more.
  if (!are_prepared(plan)) {
    if (failure failed = begun ? std::nullopt : begin(batch, is_committed);
        failed || is_committed) {
      return failed;
    }
    begun = true;
    if (failure failed = prepare_months(plan)) {
      return failed;
    }
  }
  return update(plan, batch, !begun, is_committed);
}

// The first COPY of a transaction comes with its beginning, which saves a round trip.
batch_connection::failure batch_connection::copy(std::string_view opening, std::string_view target,
                                                 const copy_rows& rows, bool& is_committed) {
  const std::string sql = fmt::format("{}{}", opening, target);
  if (PQsendQuery(session_->native(), sql.c_str()) == 0) {
    return failure_on(*session_, nullptr);
  }
  failure failed;
  for (bool is_claiming = !opening.empty();;) {
    const query_result got = session_->next_result(answer_deadline());
    if (got == nullptr) {
      return failed;
    }
    const ExecStatusType status = PQresultStatus(got.get());
    if (status == PGRES_COPY_IN) {
      if (is_committed) {
        PQputCopyEnd(session_->native(), "committed already");
      } else if (failure lost = send_rows(rows)) {
        return lost;
      }
    } else if (status != PGRES_COMMAND_OK) {
      if (!failed && !is_committed) {
        failed = is_claiming ? waited_for_lane(failure_on(*session_, got.get()))
                             : failure_on(*session_, got.get());
      }
      if (session_->is_lost()) {
        return failed;
      }
    } else if (std::strncmp(PQcmdStatus(got.get()), "INSERT", 6) == 0) {
      is_committed = number_in(PQcmdTuples(got.get())) == 0;
      is_claiming = false;
    }
  }
}

batch_connection::failure batch_connection::send_rows(const copy_rows& rows) {
  const std::string_view bytes = rows.bytes();
  int sent = 1;
  for (std::size_t at = 0; at < bytes.size() && sent == 1; at += message_bytes_max) {
    const std::string_view part = bytes.substr(at, message_bytes_max);
    while ((sent = PQputCopyData(session_->native(), part.data(), static_cast<int>(part.size()))) ==
           0) {
      if (!session_->flush(answer_deadline())) {
        return failure_on(*session_, nullptr);
      }
    }
  }
  while (sent == 1 && (sent = PQputCopyEnd(session_->native(), nullptr)) == 0) {
    if (!session_->flush(answer_deadline())) {
      return failure_on(*session_, nullptr);
    }
    sent = 1;
  }
  return sent == 1 ? std::nullopt : failure(failure_on(*session_, nullptr));
}

batch_connection::failure batch_connection::update(write_plan& plan, std::int64_t batch,
                                                   bool begins, bool& is_committed) {
  using rows = batch_pipeline::rows;
  const std::uint16_t swapped_slot = binary::big_endian(slot_);
  const std::string_view slot(reinterpret_cast<const char*>(&swapped_slot), sizeof swapped_slot);
  const std::string claim = begins ? claim_of(writer_, lane_, batch) : std::string();
  batch_pipeline sent(*session_, limits_.answer);
  if (begins) {
    sent.send("BEGIN", rows::any);
    sent.send(claim.c_str(), rows::none_if_committed);
  }
  for (std::size_t at = 0; at < plan.task_months; ++at) {
    sent.send_tasks(plan.tasks[at]);
  }
  if (new_keys& of = plan.keys; of.begun.size() + of.ended.size() > 0) {
    sent.send_prepared("doubled", {of.begun.bytes(), of.ended.bytes()}, rows::none_counted);
  }
  if (array_parameter& of = plan.changing_executions; of.size() > 0) {
    sent.send_prepared("locks", {of.bytes()}, rows::any);
  }
  if (execution_updates& of = plan.executions; of.executions.size() > 0) {
    sent.send_prepared("executions",
                       {of.executions.bytes(), of.statuses.bytes(), of.starts.bytes()},
                       rows::all_updated, of.executions.size(), "executions");
  }
  if (execution_ends& of = plan.ends; of.executions.size() > 0) {
    sent.send_prepared("ends",
                       {of.executions.bytes(), of.statuses.bytes(), of.starts.bytes(),
                        of.finishes.bytes(), of.outcomes.bytes(), of.months.bytes(), slot},
                       rows::all_counted, of.executions.size(), "executions");
  }
  if (count_updates& of = plan.counts; of.workflows.size() > 0) {
    sent.send_prepared("counts",
                       {of.workflows.bytes(), of.months.bytes(), of.tenants.bytes(),
                        of.succeeded.bytes(), of.failed.bytes(), of.cancelled.bytes(), slot},
                       rows::any);
  }
  return sent.finish(is_committed);
}

batch_connection::failure batch_connection::end() {
  const result<query_result> done = session_->execute("COMMIT", answer_deadline());
  if (!done) {
    // Refused by a constraint that was deferred; otherwise it may pass the next time.
    const errc code = done.error().code;
    return commit_failure{code == errc::duplicate || code == errc::rejected
                              ? commit_failure::kind::refused
                              : commit_failure::kind::passing,
                          done.error()};
  }
  if (std::strcmp(PQcmdStatus(done->get()), "COMMIT") != 0) {
    return commit_failure{commit_failure::kind::passing,
                          {errc::query_failed, "the server rolled the batch back"}};
  }
  return std::nullopt;
}

// What cannot be rolled back must not become part of the next batch.
void batch_connection::roll_back() {
  if (session_->is_lost()) {
    return;
  }
  if (!session_->execute("ROLLBACK", answer_deadline()) ||
      PQtransactionStatus(session_->native()) != PQTRANS_IDLE) {
    session_->lose();
  }
}

void batch_connection::sign_off() {
  if (session_ && !session_->is_lost()) {
    static_cast<void>(
        session_->execute(fmt::format("DELETE FROM writer_lanes WHERE writer = '{}' AND lane = {}",
                                      writer_.text(), lane_)
                              .c_str(),
                          answer_deadline()));
  }
  session_.reset();
}

}  // namespace engine::postgres
