#include <cstdint>
#include <limits>
#include <string>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "subsystems/workflow/json_value_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

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

const char* const wide = "123456789012345678901234";

// The value of "v" in a map, as JSON.
std::string value_of(const std::string& text, numbers style) {
  load_context load("t", {});
  const forest documents = read_yaml("{\"v\": " + text + "}", load);
  const boost::json::value whole =
      load.refused() ? nullptr : to_json(*documents.roots.front(), load, style);
  return load.refused() ? std::move(load).finish().error().what()
                        : boost::json::serialize(whole.at("v"));
}

TEST(to_json, keeps_the_digits_that_were_written) {
  struct row {
    std::string text;
    std::string meant;
    std::string written;
  };
  const std::string quoted_wide = std::string("\"") + wide + '"';
  const row rows[] = {
      {"1", "1", "1"},
      {"-1", "-1", "-1"},
      {"18446744073709551615", "18446744073709551615", "18446744073709551615"},
      {"18446744073709551616", "\"18446744073709551616\"", "\"18446744073709551616\""},
      {wide, quoted_wide, quoted_wide},
      {"1.5", "1.5E0", "1.5E0"},
      {"1000.0", "1E3", "1E3"},  // which a template writes as 1000.0
      {"0.1", "1E-1", "1E-1"},
      {"0.00001", "1E-5", "\"0.00001\""},
      {"1e3", "1E3", "\"1e3\""},
      {"1E3", "1E3", "\"1E3\""},
      {"1.50", "1.5E0", "\"1.50\""},
      {"+1", "1", "\"+1\""},
      {"007", "7", "\"007\""},
      {"-0", "0", "\"-0\""},
      {"0x1F", "31", "\"0x1F\""},
      {"3.14159265358979323846", "3.141592653589793E0", "\"3.14159265358979323846\""},
      {"true", "true", "true"},
      {"True", "true", "true"},
      {"'1e3'", "\"1e3\"", "\"1e3\""},
      {"word", "\"word\"", "\"word\""},
      {"[1e3, {a: 007}]", "[1E3,{\"a\":7}]", "[\"1e3\",{\"a\":\"007\"}]"},
      {"1e999", "t:1:7: \"1e999\" is no number that JSON can hold",
       "t:1:7: \"1e999\" is no number that JSON can hold"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(value_of(each.text, numbers::meant), each.meant) << each.text;
    EXPECT_EQ(value_of(each.text, numbers::written), each.written) << each.text;
  }
}

std::string map_of(std::size_t keys) {
  std::string text = "{";
  for (std::size_t key = 0; key < keys; ++key) {
    text += "k" + std::to_string(key) + ": 0, ";
  }
  return text + "}";
}

TEST(to_json, keeps_the_limit_of_keys_in_every_map) {
  for (const std::string& full :
       {map_of(1'000), "[" + map_of(1'000) + ", " + map_of(1'000) + "]"}) {
    EXPECT_EQ(value_of(full, numbers::meant).find("t:"), std::string::npos);
  }
  for (const numbers style : {numbers::meant, numbers::written}) {
    EXPECT_EQ(value_of(map_of(1'001), style), "t:1:7: a map with more than 1000 keys");
    EXPECT_EQ(value_of("[0, {a: " + map_of(50'000) + "}]", style),
              "t:1:15: a map with more than 1000 keys");
  }
}

}  // namespace
}  // namespace engine::workflow::internal
