#include "subsystems/postgres/text_check.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

using namespace std::string_view_literals;

TEST(text_check, utf8) {
  for (const std::string_view text : {"", "plain", "é", "€", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(check_text("it", text, 100)) << text;
  }
  for (const std::string_view text : {"\x80", "\xc3", "12345678\xc3", "\xed\xa0\x80", "\xff"}) {
    EXPECT_FALSE(check_text("it", text, 100)) << text;
  }
}

TEST(text_check, names_what_it_refuses) {
  const struct {
    std::string_view text;
    std::string_view said;
  } cases[] = {{"12345678901"sv, "the name has 11 bytes, 10 are the most"},
               {"1234\0"sv, "the name has a zero byte at offset 4"},
               {"\xff"sv, "the name is not UTF-8"}};
  for (const auto& each : cases) {
    const result<void> refused = check_text("the name", each.text, 10);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::bad_input);
    EXPECT_EQ(refused.error().message, each.said);
  }
}

TEST(text_check, of_names) {
  EXPECT_TRUE(check_name("it", "a"));
  EXPECT_TRUE(check_name("it", std::string(name_bytes_max, 'a')));
  EXPECT_FALSE(check_name("it", std::string(name_bytes_max + 1, 'a')));
  EXPECT_EQ(check_name("the tenant", "").error().message, "the tenant is empty");
}

}  // namespace
}  // namespace engine::postgres
