#include "subsystems/postgres/partitions.h"

#include <exception>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

constexpr std::string_view lock_not_available = "55P03";

// By the catalog, of this schema only: a partition has the name of its table and six digits.
constexpr const char* partition_months =
    "SELECT DISTINCT right(child.relname, 6)::int FROM pg_inherits "
    "JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_class AS parent ON parent.oid = "
    "inhparent "
    "WHERE parent.relnamespace = current_schema()::regnamespace AND parent.relname IN "
    "('execution_records', 'task_records', 'trace_spans', 'events') "
    "AND child.relname ~ ('^' || parent.relname || '_[0-9]{6}$') ORDER BY 1";

void begin_change(pqxx::transaction_base& work, const partition_options& options) {
  work.exec(fmt::format("SET LOCAL lock_timeout = {}", options.lock_timeout.count()));
  work.exec("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.partitions'))");
}

bool exists(pqxx::transaction_base& work, const std::string& name) {
  return !work.exec_params("SELECT to_regclass($1) IS NULL", name)[0][0].as<bool>();
}

// A partition made apart and attached takes no lock that readers or writers wait for; CREATE TABLE
// … PARTITION OF would.
void make_partition(pqxx::transaction_base& work, std::string_view table, month of,
                    const partition_options& options) {
  const std::string name = partition_name_of(table, of);
  const bool changes = table == "task_records" && !options.is_closed;
  work.exec(
      fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL){}", name, table,
                  changes ? fmt::format(" WITH (fillfactor = {})", open_task_fillfactor) : ""));
  work.exec(fmt::format("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ('{}') TO ('{}')",
                        table, name, first_uuid_of(of.begin()).text(),
                        first_uuid_of(of.plus(1).begin()).text()));
}

// Parents first, in one order for all who do this.
void lock_for_drop(pqxx::transaction_base& work, const std::vector<std::string>& partitions) {
  work.exec(fmt::format("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE",
                        fmt::join(partitioned_tables, ", ONLY ")));
  work.exec(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", fmt::join(partitions, ", ")));
}

/// Returns why the month must stay; empty if it was dropped.
std::string drop_month(pqxx::connection& on, month of, const partition_options& options) {
  try {
    pqxx::work work(on);
    begin_change(work, options);
    std::vector<std::string> partitions;
    for (const std::string_view table : partitioned_tables) {
      std::string name = partition_name_of(table, of);
      if (exists(work, name)) {
        partitions.push_back(std::move(name));
      }
    }
    if (partitions.empty()) {
      return "";  // another program was first
    }
    lock_for_drop(work, partitions);
    // Only now: whoever began something in this month has committed, and its rows are seen.
    const pqxx::result active = work.exec_params(
        "SELECT count(*), min(id::text) FROM active_executions WHERE id >= $1 AND id < $2",
        first_uuid_of(of.begin()).text(), first_uuid_of(of.plus(1).begin()).text());
    if (const auto count = active[0][0].as<std::int64_t>(); count > 0) {
      return fmt::format("{} of its executions are not over, the first is {}", count,
                         active[0][1].c_str());
    }
    work.exec(fmt::format("DROP TABLE {}", fmt::join(partitions, ", ")));
    work.exec_params("DELETE FROM execution_counts WHERE month = $1", of.first_day());
    work.commit();
    return "";
  } catch (const pqxx::sql_error& problem) {
    if (problem.sqlstate() == lock_not_available) {
      return fmt::format("its tables were locked for more than {} ms",
                         options.lock_timeout.count());
    }
    throw;
  }
}

}  // namespace

result<int> make_partitions(pqxx::connection& on, month first, month last,
                            const partition_options& options) {
  month current = first;
  try {
    pqxx::work work(on);
    begin_change(work, options);
    int made = 0;
    for (; current <= last; current = current.plus(1)) {
      for (const std::string_view table : partitioned_tables) {
        if (!exists(work, partition_name_of(table, current))) {
          make_partition(work, table, current, options);
          ++made;
        }
      }
    }
    work.commit();
    return made;
  } catch (const std::exception& problem) {
    return error{errc::query_failed,
                 fmt::format("cannot make the partitions of {}: {}", current.yyyymm,
                             support::printable(problem.what(), support::line_ends::kept))};
  }
}

result<retention_report> drop_partitions(pqxx::connection& on, time_point before,
                                         const partition_options& options) {
  const result<std::vector<month>> months = partitioned_months(on);
  if (!months) {
    return months.error();
  }
  retention_report report;
  for (const month& each : *months) {
    if (each.plus(1).begin() > before) {
      break;
    }
    try {
      std::string why = drop_month(on, each, options);
      if (why.empty()) {
        report.dropped.push_back(each);
      } else {
        report.kept_back.push_back({each, std::move(why)});
      }
    } catch (const std::exception& problem) {
      return error{errc::query_failed,
                   fmt::format("cannot drop the partitions of {}: {}", each.yyyymm,
                               support::printable(problem.what(), support::line_ends::kept))};
    }
  }
  return report;
}

result<std::vector<month>> partitioned_months(pqxx::connection& on) {
  try {
    pqxx::nontransaction work(on);
    std::vector<month> months;
    for (const auto& each : work.exec(partition_months)) {
      months.push_back({each[0].as<int>()});
    }
    return months;
  } catch (const std::exception& problem) {
    return error{errc::query_failed,
                 fmt::format("cannot read which months there are: {}",
                             support::printable(problem.what(), support::line_ends::kept))};
  }
}

}  // namespace engine::postgres
