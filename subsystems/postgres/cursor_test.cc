#include "subsystems/postgres/cursor.h"

#include <string>

#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

using namespace std::string_literals;

TEST(cursor, comes_back) {
  for (std::size_t length = 0; length <= cursor::key_bytes_max; ++length) {
    cursor given{0x0123456789abcdef + length, {}};
    for (std::size_t at = 0; at < length; ++at) {
      given.key += static_cast<char>(at * 37 + length);
    }
    const std::string text = text_of(given);
    EXPECT_EQ(
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    const result<cursor> parsed = parse_cursor(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, given);
  }
}

TEST(cursor, is_the_same_in_every_version_of_this_program) {
  EXPECT_EQ(text_of({1, "key"}), "AQEAAAAAAAAAa2V5FU9bGg");
}

TEST(cursor, of_another_list) {
  const std::string text = text_of({1, "key"});
  EXPECT_EQ(parse_cursor_of(1, text).value(), "key");
  const result<std::string> refused = parse_cursor_of(2, text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_cursor);
  EXPECT_NE(refused.error().message.find("another list"), std::string::npos);
}

TEST(cursor, invalid_ones) {
  const std::string good = text_of({7, "0123456789abcdef"});
  const std::string cases[] = {
      "",
      " ",
      "A",
      "AA",
      "AQ==",
      "../../etc/passwd",
      "' OR 1=1 --",
      "é",
      "\0"s,
      good + "A",
      good + "=",
      good + " ",
      " " + good,
      good.substr(1),
      good.substr(0, good.size() - 1),
      good + good,
      std::string(1'000'000, 'A'),
      text_of({7, ""}).substr(0, 8),
  };
  for (const std::string& each : cases) {
    const result<cursor> refused = parse_cursor(each);
    ASSERT_FALSE(refused) << each.substr(0, 80);
    EXPECT_EQ(refused.error().code, errc::bad_cursor);
    EXPECT_LT(refused.error().message.size(), 200U);
  }
}

TEST(cursor, any_character_that_changes_is_found) {
  const std::string good = text_of({7, "0123456789abcdef"});
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char other : {'A', 'b', '7', '-', '_', '+', '/'}) {
      std::string damaged = good;
      damaged[at] = other;
      EXPECT_TRUE(damaged == good || !parse_cursor(damaged)) << damaged;
    }
  }
}

}  // namespace
}  // namespace engine::postgres
