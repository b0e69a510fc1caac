#include <cstdint>
#include <limits>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "subsystems/workflow/json_value_internal.h"

namespace engine::workflow::internal {
namespace {

TEST(plain_value, follows_the_core_schema) {
  struct row {
    const char* text;
    boost::json::value meaning;
  };
  const row rows[] = {
      {"true", true},
      {"True", true},
      {"FALSE", false},
      {"0", std::int64_t{0}},
      {"-0", std::int64_t{0}},
      {"+12", std::int64_t{12}},
      {"007", std::int64_t{7}},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
      {"18446744073709551616", 18446744073709551616.0},
      {"0x1F", std::uint64_t{31}},
      {"0o17", std::uint64_t{15}},
      {"1.5", 1.5},
      {".5", 0.5},
      {"5.", 5.0},
      {"-1e3", -1000.0},
      {"+.5E+1", 5.0},
  };
  for (const row& each : rows) {
    const auto meaning = plain_value(each.text);
    ASSERT_TRUE(meaning.has_value()) << each.text;
    EXPECT_EQ(*meaning, each.meaning) << each.text << " is " << boost::json::serialize(*meaning);
    EXPECT_EQ(meaning->is_double(), each.meaning.is_double()) << each.text;
  }
}

TEST(plain_value, leaves_other_words_as_text) {
  const char* const texts[] = {"yes",  "no",   "on",  "tRUE", "truely", "nul",   ".",     "-",
                               "+",    "1e",   "1e+", "e5",   ".e5",    "1.2.3", "1_000", "0x",
                               "0xg1", "-0x1", "0o8", "0b1",  "1 2",    "12:30", "--1",   "+-1",
                               "inf",  "nan",  "..5", "1,5",  "٣",      ".infx", "-.nan"};
  for (const char* text : texts) {
    const auto meaning = plain_value(text);
    ASSERT_TRUE(meaning.has_value()) << text;
    EXPECT_EQ(*meaning, boost::json::value(text)) << text;
  }
}

TEST(plain_value, refuses_numbers_that_json_cannot_hold) {
  const char* const texts[] = {".inf",
                               "-.Inf",
                               "+.INF",
                               ".nan",
                               ".NaN",
                               "1e999",
                               "-1e999",
                               "0x10000000000000000",
                               "0o7777777777777777777777"};
  for (const char* text : texts) {
    EXPECT_FALSE(plain_value(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace engine::workflow::internal
