#include "subsystems/templating/quote.h"

#include <string>

#include <gtest/gtest.h>

namespace engine::templating {
namespace {

using namespace std::string_view_literals;

TEST(utf8, knows_well_formed_texts) {
  const std::string_view well_formed[] = {
      "",
      "plain",
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
  };
  for (const std::string_view text : well_formed) {
    EXPECT_TRUE(is_utf8(text)) << in_quotes(text);
  }
}

TEST(utf8, knows_malformed_texts) {
  const std::string_view malformed[] = {
      "\x80",              // a continuation without a lead
      "\xC0\x80",          // overlong
      "\xC1\xBF",          // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond the last code point
      "\xF5\x80\x80\x80",
      "\xFF\xFE",
      "\xC3",
      "a\xE2\x82",
      "\xE2\x28\xA1",
      "\xE2\x82\x28",
      "\xF0\x9F\x95\x28",
      "\x80\x80",
      "\xFE",
      "\xC3\xC3",
  };
  for (const std::string_view text : malformed) {
    EXPECT_FALSE(is_utf8(text)) << in_quotes(text);
  }
}

TEST(quote, shows_input_on_one_line_and_cut_short) {
  struct row {
    std::string text;
    std::string shown;
  };
  const row rows[] = {
      {"", "\"\""},
      {"plain", "\"plain\""},
      {"é€🕓", "\"é€🕓\""},
      {"a\nb\t\x7F", "\"a\\x0ab\\x09\\x7f\""},
      {"a\xFF\xE2\x82", "\"a\\xff\\xe2\\x82\""},
      {std::string(60, 'a'), '"' + std::string(60, 'a') + '"'},
      {std::string(61, 'a'), '"' + std::string(60, 'a') + "…\""},
      {std::string(59, 'a') + "é", '"' + std::string(59, 'a') + "…\""},
  };
  for (const row& each : rows) {
    EXPECT_EQ(in_quotes(each.text), each.shown);
  }
}

TEST(quote, suggests_only_what_is_near) {
  EXPECT_EQ(did_you_mean("timeout"), "; did you mean \"timeout\"?");
  EXPECT_EQ(did_you_mean(""), "");
}

}  // namespace
}  // namespace engine::templating
