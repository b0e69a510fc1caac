#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/duration_internal.h"

namespace engine::workflow::internal {
namespace {

using namespace std::string_literals;

TEST(duration, reads_what_authors_write) {
  struct row {
    const char* text;
    std::int64_t milliseconds;
  };
  const row rows[] = {
      {"0", 0},           {"30", 30'000},           {"1.5", 1'500},
      {"30s", 30'000},    {"5m", 300'000},          {"1h30m", 5'400'000},
      {"250ms", 250},     {"1h2m3s4ms", 3'723'004}, {"0s", 0},
      {"1.5s", 1'500},    {"1.5h", 5'400'000},      {"0.0004s", 1},
      {"90m", 5'400'000}, {"1m1ms", 60'001},        {"876000h", duration_max.count()},
  };
  for (const row& each : rows) {
    const auto read = parse_duration(each.text);
    ASSERT_TRUE(read.has_value()) << each.text;
    EXPECT_EQ(read->count(), each.milliseconds) << each.text;
  }
}

TEST(duration, is_none_only_where_the_author_says_so) {
  const std::string zeros(400, '0');
  for (const std::string& text :
       {"0.4ms"s, "0.0001s"s, "0.0001"s, "0.000001m"s, "0.0000001h"s, "0.5ms"s, "1ms"s, "0h0.1ms"s,
        fmt::format("0.{}1", zeros), fmt::format("0.{}1s", zeros), fmt::format("{0}.{0}1h", zeros),
        fmt::format("0h0.{}1ms", zeros)}) {
    const auto read = parse_duration(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->count(), 1) << text;
  }
  for (const std::string& text : {"0"s, "0.0"s, "0s"s, "0.000ms"s, "0h0m0s0ms"s, "0." + zeros}) {
    const auto read = parse_duration(text);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(read->count(), 0) << text;
  }
  for (const std::string& text : {"-0.4ms"s, "-0"s, "-0.0001s"s, "1" + zeros, "1" + zeros + "ms",
                                  "1" + zeros + ".0s", "876000h1ms"s, "0.1h876000h"s}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(duration, refuses_everything_else) {
  const char* const texts[] = {
      "",      " ",     "s",      "-1",   "+1",      "-5s",    "1 s",
      " 1s",   "1s ",   "5x",     "5S",   "1d",      "30m1h",  "1s1s",
      "1ms1s", "1h30",  "1h-30m", "1e3",  "1e3s",    "inf",    "nan",
      "0x10",  "1..5s", "1.5.5",  "1s30", "876001h", "1e999s", "99999999999999999999h",
      ".5s",   "1,5s",  "1µs",    "1us",  "1.",      "1.s",    "1.h2m",
  };
  for (const char* text : texts) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace engine::workflow::internal
