// Months of the calendar (UTC), and which of them a key's row lies in.
//
// The history is partitioned by key, and thereby by month: the partition of a table for a month is
// named <table>_<yyyymm>. Whoever knows the key can go to its partition directly. Values; no
// allocation but for names.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

/// 202403 is March 2024. Ordered by time.
struct month {
  int yyyymm = 197001;

  [[nodiscard]] constexpr int year() const { return yyyymm / 100; }
  /// 1 to 12.
  [[nodiscard]] constexpr int number() const { return yyyymm % 100; }
  /// So many months later, or earlier if negative.
  [[nodiscard]] constexpr month plus(int months) const {
    const int count = year() * 12 + number() - 1 + months;
    return {count / 12 * 100 + count % 12 + 1};
  }
  /// Its first microsecond.
  [[nodiscard]] time_point begin() const;
  /// "2024-03-01", as the server takes a date.
  [[nodiscard]] std::string first_day() const;

  friend constexpr auto operator<=>(const month&, const month&) = default;
};

/// REQUIRES: not before 1970.
[[nodiscard]] month month_of(time_point at);
/// Of a key of version 7; a few nanoseconds.
[[nodiscard]] month month_of(const uuid& key);

/// "task_records_202403".
[[nodiscard]] std::string partition_name_of(std::string_view table, month of);
[[nodiscard]] std::string partition_name_of(std::string_view table, const uuid& key);
/// Of task_records.
[[nodiscard]] std::string task_partition_of(const uuid& execution);

}  // namespace engine::postgres
