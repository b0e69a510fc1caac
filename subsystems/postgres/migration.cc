#include "subsystems/postgres/migration.h"

#include <exception>
#include <pqxx/transaction>

#include <fmt/format.h>

#include "subsystems/postgres/migration_steps_internal.h"
#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

// Any number that nothing else takes for a lock.
constexpr const char* lock_statement =
    "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.schema_migrations'))";

int version_in(pqxx::transaction_base& work) {
  if (work.exec1("SELECT to_regclass('schema_migrations') IS NULL")[0].as<bool>()) {
    return 0;
  }
  return work.exec1("SELECT coalesce(max(version), 0) FROM schema_migrations")[0].as<int>();
}

void apply(pqxx::transaction_base& work, const migration_step& step) {
  work.exec(step.sql);
  work.exec_params("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", step.version,
                   std::string(step.name));
}

}  // namespace

result<migration_report> migrate(pqxx::connection& on, int target) {
  const migration_step* current = nullptr;
  try {
    pqxx::work work(on);
    work.exec(lock_statement);
    migration_report report{version_in(work), target};
    if (report.from > schema_version) {
      return error{errc::schema_too_new,
                   fmt::format("the schema has version {}, this program knows {} at most",
                               report.from, schema_version)};
    }
    if (report.from >= target) {
      report.to = report.from;
      return report;
    }
    work.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, "
        "name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
    for (const migration_step& step : migration_steps()) {
      if (step.version > report.from && step.version <= target) {
        current = &step;
        apply(work, step);
      }
    }
    work.commit();
    return report;
  } catch (const std::exception& problem) {
    return error{
        errc::migration_failed,
        current == nullptr
            ? fmt::format("cannot migrate: {}",
                          support::printable(problem.what(), support::line_ends::kept))
            : fmt::format("cannot migrate to version {} ({}): {}", current->version, current->name,
                          support::printable(problem.what(), support::line_ends::kept))};
  }
}

result<int> installed_schema_version(pqxx::connection& on) {
  try {
    pqxx::read_transaction work(on);
    return version_in(work);
  } catch (const std::exception& problem) {
    return error{errc::query_failed,
                 fmt::format("cannot read the schema's version: {}",
                             support::printable(problem.what(), support::line_ends::kept))};
  }
}

}  // namespace engine::postgres
