#include "subsystems/support/utf8.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "subsystems/support/quote.h"

namespace engine::support {
namespace {

using namespace std::string_view_literals;

// At each place behind ASCII, so that the words that are skipped end everywhere.
void expect_well_formed(std::string_view text, bool expected) {
  for (std::size_t before = 0; before < 10; ++before) {
    const std::string longer = std::string(before, 'a') + std::string(text);
    EXPECT_EQ(is_utf8(longer), expected) << in_quotes(longer);
    EXPECT_EQ(is_utf8(longer + "12345678"), expected) << in_quotes(longer);
  }
}

TEST(utf8, knows_well_formed_texts) {
  const std::string_view well_formed[] = {
      "",
      "plain",
      "a longer text, beyond a word of bytes",
      "\0"sv,
      "\x7F",
      "é",
      "\xDF\xBF",
      "\xE0\xA0\x80",
      "€",
      "\xED\x9F\xBF",
      "\xEE\x80\x80",
      "\xEF\xBF\xBF",
      "🕓",
      "\xF0\x90\x80\x80",
      "\xF4\x8F\xBF\xBF",
      "🕓 at the end 🕓",
  };
  for (const std::string_view text : well_formed) {
    expect_well_formed(text, true);
  }
}

TEST(utf8, knows_malformed_texts) {
  const std::string_view malformed[] = {
      "\x80",              // a continuation without a lead
      "\xC0\x80",          // overlong
      "\xC0\xAF",          // overlong
      "\xC1\xBF",          // overlong
      "\xE0\x80\xAF",      // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond the last code point
      "\xF5\x80\x80\x80",
      "\xF8\x88\x80\x80\x80",
      "\xFF\xFE",
      "\xFF",
      "\xC3",
      "\xC3(",
      "a\xE2\x82",
      "\xE2\x28\xA1",
      "\xE2\x82\x28",
      "\xF0\x9F\x95\x28",
      "\xF0\x9F\x95",
      "\x80\x80",
      "\xFE",
      "\xC3\xC3",
  };
  for (const std::string_view text : malformed) {
    expect_well_formed(text, false);
  }
}

TEST(utf8, knows_characters) {
  struct row {
    std::string_view text;
    std::size_t bytes;
    char32_t code;
  };
  const row rows[] = {
      {"\0"sv, 1, 0},
      {"a", 1, U'a'},
      {"\x7F", 1, 0x7F},
      {"\xC2\x80", 2, 0x80},
      {"éa", 2, U'é'},
      {"\xDF\xBF", 2, 0x7FF},
      {"\xE0\xA0\x80", 3, 0x800},
      {"€€", 3, U'€'},
      {"\xEF\xBF\xBF", 3, 0xFFFF},
      {"\xF0\x90\x80\x80", 4, 0x10000},
      {"🕓", 4, U'🕓'},
      {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
  };
  for (const row& each : rows) {
    ASSERT_EQ(character_bytes(each.text), each.bytes) << each.text;
    EXPECT_EQ(code_point(each.text), each.code) << each.text;
  }
  for (const std::string_view text : {"", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x95", "\xFF"}) {
    EXPECT_EQ(character_bytes(text), 0U) << in_quotes(text);
  }
}

}  // namespace
}  // namespace engine::support
