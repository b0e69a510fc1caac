#include "subsystems/postgres/month.h"

#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

constexpr std::chrono::microseconds instant{1};

TEST(month, counts_over_years) {
  const struct {
    int from;
    int months;
    int to;
  } cases[] = {{202401, 0, 202401},   {202401, 1, 202402},  {202412, 1, 202501},
               {202401, -1, 202312},  {202403, 24, 202603}, {202403, -27, 202112},
               {197001, 1200, 207001}};
  for (const auto& each : cases) {
    EXPECT_EQ(month{each.from}.plus(each.months).yyyymm, each.to)
        << each.from << " + " << each.months;
  }
}

TEST(month, of_a_time_begins_with_its_first_microsecond) {
  for (int number = 197001; number < 203000; number = month{number}.plus(1).yyyymm) {
    const month each{number};
    EXPECT_EQ(month_of(each.begin()), each);
    EXPECT_EQ(month_of(each.plus(1).begin() - instant), each);
  }
}

TEST(month, of_a_key_is_that_of_its_time) {
  const month leap{202402};
  EXPECT_EQ(month_of(first_uuid_of(leap.begin())), leap);
  EXPECT_EQ(month_of(make_uuid(leap.begin(), 0)), leap);
  EXPECT_EQ(month_of(make_uuid(leap.plus(1).begin() - instant, ~std::uint64_t{0})), leap);
  EXPECT_EQ(month_of(make_uuid()), month_of(now()));
}

TEST(month, names) {
  const uuid key = make_uuid(month{202403}.begin(), 7);
  EXPECT_EQ(partition_name_of("events", month{202403}), "events_202403");
  EXPECT_EQ(partition_name_of("events", key), "events_202403");
  EXPECT_EQ(task_partition_of(key), "task_records_202403");
  EXPECT_EQ(month{202403}.first_day(), "2024-03-01");
}

}  // namespace
}  // namespace engine::postgres
