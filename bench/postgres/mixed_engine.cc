#include "bench/postgres/mixed_engine.h"

#include <array>
#include <pqxx/connection>
#include <pqxx/transaction>
#include <thread>

#include <fmt/format.h>

#include "fixtures/postgres_session.h"
#include "subsystems/postgres/partitions.h"

namespace headroom::postgres_bench {
namespace {

using clock = mixed_figures::clock;

constexpr std::chrono::milliseconds warm_up{1'000};

std::uint64_t number_of(engine::fixtures::postgres_session& session, const std::string& sql) {
  return std::stoull(session.value(sql.c_str()));
}

/// For what begins in this month and, if that ends meanwhile, in the next; the past has its own.
void make_room(const std::string& url, engine::postgres::month current) {
  pqxx::connection on(url);
  static_cast<void>(engine::postgres::make_partitions(on, current, current.plus(1)).value());
}

/// Removes all that make_room() made room for: other rows know the past alone.
void clear_away(const std::string& url, engine::postgres::month current) {
  pqxx::connection on(url);
  pqxx::work work(on);
  for (const engine::postgres::month each : {current, current.plus(1)}) {
    for (const std::string_view table : engine::postgres::partitioned_tables) {
      work.exec("DROP TABLE " + engine::postgres::partition_name_of(table, each));
    }
    work.exec_params("DELETE FROM execution_counts WHERE month = $1", each.first_day());
  }
  work.exec_params("DELETE FROM active_executions WHERE id >= $1",
                   engine::postgres::first_uuid_of(current.begin()).text());
  work.commit();
}

}  // namespace

struct mixed_engine::load {
  load(const mixed_input& input, engine::postgres::month current)
      : begun_in(current),
        first_key(engine::postgres::first_uuid_of(engine::postgres::now())),
        executions(input.url(), input.past(), input.rates().executions_per_s, figures),
        queries(input.url(), input.picker(), input.rates().queries_per_s, figures) {}

  mixed_figures figures{clock::now() + warm_up};
  engine::postgres::month begun_in;
  engine::postgres::uuid first_key;
  clock::time_point window_end = figures.start();
  mixed_executions executions;
  mixed_queries queries;
};

void mixed_engine::end_load::operator()(load* owned) const {
  const std::unique_ptr<load> ended(owned);
  ended->queries.finish();
  ended->executions.finish();
}

std::string mixed_input::mismatch(const ledger& answer) const {
  if (answer.failures > 0) {
    return fmt::format("{} calls failed; {}", answer.failures, answer.first_failure);
  }
  if (answer.begun != answer.stored || answer.begun == 0) {
    return fmt::format("{} executions were acknowledged, {} are stored and over", answer.begun,
                       answer.stored);
  }
  constexpr std::array names = {"tasks that have succeeded", "spans", "events"};
  for (std::size_t part = 0; part < names.size(); ++part) {
    if (answer.parts[part] != answer.parts_stored[part]) {
      return fmt::format("{} {} were acknowledged, {} are stored", answer.parts[part], names[part],
                         answer.parts_stored[part]);
    }
  }
  return "";
}

void mixed_engine::run() {
  if (!load_) {
    const engine::postgres::month current = engine::postgres::month_of(engine::postgres::now());
    make_room(mixed_input::url(), current);
    load_.reset(new load(input_, current));
  }
  load_->window_end = std::max(load_->window_end + input_.window(), clock::now());
  std::this_thread::sleep_until(load_->window_end);
}

mixed_input::ledger mixed_engine::answer() {
  load_->queries.finish();
  load_->executions.finish();
  engine::fixtures::postgres_session session(input_.url());
  const std::string key = load_->first_key.text();
  mixed_input::ledger found{.begun = load_->executions.begun(),
                            .failures = load_->figures.failures(),
                            .first_failure = load_->figures.first_failure()};
  found.stored = number_of(
      session, fmt::format("SELECT count(*) FROM execution_records AS e WHERE id >= '{0}' AND "
                           "status = 2 AND NOT EXISTS (SELECT FROM active_executions AS a WHERE "
                           "a.id = e.id)",
                           key));
  // Each row by its key, so what is counted is there once.
  const std::uint64_t tasks = load_->executions.tasks();
  found.parts = {tasks, tasks, 2 * found.begun};
  found.parts_stored = {
      number_of(session, fmt::format("SELECT count(*) FROM task_records WHERE execution_id >= '{}' "
                                     "AND status = 2 AND attempt = 1",
                                     key)),
      number_of(session,
                fmt::format("SELECT count(*) FROM trace_spans WHERE execution_id >= '{}'", key)),
      number_of(session,
                fmt::format("SELECT count(*) FROM events WHERE execution_id >= '{}'", key))};
  const engine::postgres::month begun_in = load_->begun_in;
  load_.reset();
  clear_away(input_.url(), begun_in);
  return found;
}

std::vector<counter> mixed_engine::counters() const {
  if (!load_) {
    return {};
  }
  const double seconds =
      std::chrono::duration<double>(clock::now() - load_->figures.start()).count();
  std::vector<counter> all;
  std::uint64_t queries = 0;
  for (std::size_t at = 0; at < mixed_call_names.size(); ++at) {
    const auto call = static_cast<mixed_call>(at);
    const std::uint64_t count = load_->figures.count(call);
    queries += call == mixed_call::execute || call == mixed_call::transition ? 0 : count;
    for (const auto& [suffix, quantile] :
         {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}}) {
      all.push_back({fmt::format("{}_latency_us_{}", mixed_call_names[at], suffix),
                     load_->figures.latency_us(call, quantile)});
    }
  }
  all.push_back({"queries_per_s", static_cast<double>(queries) / seconds});
  all.push_back({"executions_per_s",
                 static_cast<double>(load_->figures.count(mixed_call::execute)) / seconds});
  all.push_back({"failed_calls", static_cast<double>(load_->figures.failures())});
  return all;
}

}  // namespace headroom::postgres_bench
