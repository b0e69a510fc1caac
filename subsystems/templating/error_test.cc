#include "subsystems/templating/error.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"

namespace engine::templating {
namespace {

TEST(error, have_codes_with_messages) {
  EXPECT_STREQ(category().name(), "templating");
  std::vector<std::string> messages;
  for (int code = 1; code <= static_cast<int>(errc::pattern_too_slow); ++code) {
    messages.push_back(make_error_code(static_cast<errc>(code)).message());
    EXPECT_NE(messages.back(), "unknown error");
    EXPECT_EQ(std::count(messages.begin(), messages.end(), messages.back()), 1);
  }
  EXPECT_EQ(category().message(0), "unknown error");
  EXPECT_EQ(category().message(99), "unknown error");
}

TEST(error, are_thrown_by_value) {
  try {
    static_cast<void>(compile("\n{{ }}").value());
    FAIL() << "nothing thrown";
  } catch (const boost::system::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::empty_placeholder);
    EXPECT_NE(std::string_view(thrown.what()).find("2:1: "), std::string_view::npos);
  }
}

TEST(error, know_their_place) {
  struct row {
    std::string_view text;
    std::size_t offset;
    position expected;
  };
  const row rows[] = {
      {"", 0, {1, 1, 0}},     {"abc", 2, {1, 3, 2}},   {"a\nb", 1, {1, 2, 1}},
      {"a\nb", 2, {2, 1, 2}}, {"a\n\n", 3, {3, 1, 3}}, {"é\té", 3, {1, 4, 3}},
      {"abc", 99, {1, 4, 3}}, {"\r\nx", 2, {2, 1, 2}},
  };
  for (const row& each : rows) {
    EXPECT_EQ(position_of(each.text, each.offset), each.expected) << each.text << each.offset;
  }
  // From any place to any behind it, line by line or not.
  const std::string_view text = "a\n\nbc\n";
  for (std::size_t from = 0; from <= text.size(); ++from) {
    for (std::size_t to = from; to <= text.size() + 1; ++to) {
      EXPECT_EQ(position_behind(position_of(text, from), text, to), position_of(text, to));
    }
  }
  EXPECT_EQ((error{errc::bad_path, {2, 3, 9}, "no", "/a"}).what(), "/a: 2:3: no");
  EXPECT_EQ((error{errc::bad_path, {}, "no", {}}).what(), "no");
  EXPECT_EQ((error{errc::bad_path, {2, 3, 9}, "no", "/a\x1B[2J\u202E"}).what(),
            R"(/a\x1b[2J\u{202e}: 2:3: no)");
}

}  // namespace
}  // namespace engine::templating
