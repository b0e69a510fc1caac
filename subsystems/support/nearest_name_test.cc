#include "subsystems/support/nearest_name.h"

#include <span>
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

std::string_view nearest(std::string_view wanted, std::span<const std::string_view> candidates) {
  guess_budget budget;
  return nearest_name(wanted, candidates, budget);
}

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
    EXPECT_EQ(nearest(each.wanted, each.candidates), each.nearest) << each.wanted;
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
    EXPECT_EQ(nearest(each.wanted, each.candidates), "") << each.wanted;
  }
}

// Alike, so that no comparison ends early.
std::vector<std::string> alike(std::size_t count, std::size_t bytes) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < count; ++at) {
    names.emplace_back(bytes, 'x');
    names.back().replace(0, 6, std::to_string(100'000 + at));
  }
  return names;
}

TEST(nearest_name, takes_no_more_steps_than_the_budget_has) {
  for (const std::size_t count : {100U, 10'000U, 50'000U}) {
    for (const std::size_t bytes : {8U, 64U, 255U}) {
      const std::vector<std::string> names = alike(count, bytes);
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      const std::string wanted = "000000" + std::string(bytes - 6, 'x');
      guess_budget budget;
      std::size_t before = budget.left();
      for (int problem = 0; problem < 100; ++problem) {
        const std::string_view found = nearest_name(wanted, candidates, budget);
        const std::size_t taken = before - budget.left();
        EXPECT_LE(taken, count * (1 + 64 * 64));
        EXPECT_TRUE(taken >= count || budget.left() < 64) << count << " names of " << bytes;
        EXPECT_TRUE(found.empty() || found.size() == bytes);
        before = budget.left();
      }
    }
  }
}

TEST(nearest_name, is_not_looked_for_beyond_the_budget) {
  const std::vector<std::string_view> candidates = {"unlike-it", "build"};
  guess_budget enough(1 + 9 * 5 + 1 + 5 * 5);
  EXPECT_EQ(nearest_name("biuld", candidates, enough), "build");
  for (const std::size_t steps : {0U, 1U, 2U, 10U, 20U}) {
    guess_budget short_of(steps);
    EXPECT_EQ(nearest_name("biuld", candidates, short_of), "") << steps;
    EXPECT_LE(short_of.left(), steps);
  }
}

TEST(nearest_name, finds_one_among_many_ordinary_names) {
  std::vector<std::string> names;
  names.reserve(50'001);
  for (int at = 0; at < 50'000; ++at) {
    names.push_back("stage-" + std::to_string(at) + "/transform-orders");
  }
  names.emplace_back("publish-report");
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  guess_budget budget;
  EXPECT_EQ(nearest_name("publish-raport", candidates, budget), "publish-report");
}

}  // namespace
}  // namespace engine::support
