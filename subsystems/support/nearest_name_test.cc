#include "subsystems/support/nearest_name.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace engine::support {
namespace {

using namespace std::string_view_literals;

struct row {
  std::string_view wanted;
  std::vector<std::string_view> candidates;
  std::string_view nearest;
};

TEST(nearest_name, is_what_the_author_probably_meant) {
  const std::string long_name(200, 'x');
  const std::string long_other = std::string(64, 'x') + std::string(136, 'y');
  const row rows[] = {
      {"build", {"build"}, "build"},
      {"biuld", {"deploy", "build"}, "build"},   // two letters swapped
      {"buil", {"deploy", "build"}, "build"},    // one missing
      {"builld", {"deploy", "build"}, "build"},  // one too many
      {"bvild", {"deploy", "build"}, "build"},   // one wrong
      {"uild", {"deploy", "build"}, "build"},    // the first one missing
      {"bulid-al", {"build", "build-all"}, "build-all"},
      {"load-b", {"load-a", "load-c"}, "load-a"},   // the first of equals
      {"load-bb", {"load-a", "load-b"}, "load-b"},  // the closer one, though later
      {"load-bb", {"load-b", "load-a"}, "load-b"},
      {"abc", {"abd"}, "abd"},
      {"abcdef", {"abcd"}, "abcd"},  // a third of the letters
      {"a\0b"sv, {"xy", "a\0c"sv}, "a\0c"sv},
      {long_name, {"y", long_other}, long_other},  // compared by their first 64 bytes
  };
  for (const row& each : rows) {
    EXPECT_EQ(nearest_name(each.wanted, each.candidates), each.nearest) << each.wanted;
  }
}

TEST(nearest_name, is_empty_where_any_guess_would_be_wild) {
  const std::string long_name(64, 'x');
  const std::string half = std::string(32, 'x') + std::string(32, 'y');
  const row rows[] = {
      {"build", {}, ""},
      {"", {}, ""},
      {"", {"build"}, ""},
      {"", {""}, ""},
      {"build", {""}, ""},
      {"a", {"b"}, ""},
      {"ab", {"ac", "cb", "a"}, ""},
      {"abc", {"axx", "xbx", "a", "abcde"}, ""},
      {"build", {"deploy", "test", "bu"}, ""},
      {"build", {"dliub"}, ""},
      {"build", {"BUILD"}, ""},
      {"abcdef", {"abc", "abcxyz", "abcdefxyz"}, ""},
      {"build", {"a-very-long-name-that-ends-in-build"}, ""},
      {long_name, {half}, ""},
  };
  for (const row& each : rows) {
    EXPECT_EQ(nearest_name(each.wanted, each.candidates), "") << each.wanted;
  }
}

}  // namespace
}  // namespace engine::support
