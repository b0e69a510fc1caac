#include "subsystems/postgres/month.h"

#include <chrono>

#include <fmt/format.h>

namespace engine::postgres {

time_point month::begin() const {
  const std::chrono::year_month_day first(std::chrono::year(year()),
                                          std::chrono::month(static_cast<unsigned>(number())),
                                          std::chrono::day(1));
  return std::chrono::sys_days(first);
}

std::string month::first_day() const { return fmt::format("{:04}-{:02}-01", year(), number()); }

month month_of(time_point at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
  return {static_cast<int>(day.year()) * 100 +
          static_cast<int>(static_cast<unsigned>(day.month()))};
}

month month_of(const uuid& key) { return month_of(key.time()); }

std::string partition_name_of(std::string_view table, month of) {
  return fmt::format("{}_{:06}", table, of.yyyymm);
}

std::string partition_name_of(std::string_view table, const uuid& key) {
  return partition_name_of(table, month_of(key));
}

std::string task_partition_of(const uuid& execution) {
  return partition_name_of("task_records", execution);
}

}  // namespace engine::postgres
