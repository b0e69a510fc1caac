#include "subsystems/postgres/text_check.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

using namespace std::string_view_literals;

TEST(text_check, utf8) {
  const struct {
    std::string_view text;
    bool is_sound;
  } cases[] = {
      {"", true},
      {"plain", true},
      {"a longer text, beyond a word of bytes", true},
      {"é", true},
      {"\xe2\x82\xac", true},  // €
      {"\xf0\x9f\x95\x93 at the end \xf0\x9f\x95\x93", true},
      {"\xf4\x8f\xbf\xbf", true},  // U+10FFFF
      {"\x80", false},             // continues nothing
      {"\xc3", false},             // is not continued
      {"12345678\xc3", false},
      {"\xc3(", false},
      {"\xc0\xaf", false},  // too long for /
      {"\xe0\x80\xaf", false},
      {"\xed\xa0\x80", false},      // half a surrogate pair
      {"\xf4\x90\x80\x80", false},  // above U+10FFFF
      {"\xf8\x88\x80\x80\x80", false},
      {"\xff", false},
      {"\xe2\x82", false},
      {"\xf0\x9f\x95", false},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(is_utf8(each.text), each.is_sound) << each.text;
    EXPECT_EQ(check_text("it", each.text, 100).has_value(), each.is_sound) << each.text;
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
