#include "bench/harness/plan.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace headroom {
namespace {

struct nothing {
  [[nodiscard]] static double items() { return 1; }
};

struct idle {
  static constexpr std::string_view name = "floor";
  explicit idle(const nothing& /*input*/) {}
  void run() {}
  [[nodiscard]] static std::string check() { return {}; }
};

suite make_suite() {
  suite made;
  for (const std::uint64_t size : {1U, 5'000U, 20'000U, 1'000'000U}) {
    add_group<nothing, idle>(made, {"idle", "nodes:" + std::to_string(size), 1, size},
                             [](unsigned) { return nothing{}; });
  }
  return made;
}

settings settings_of(int rounds, std::string filter = ".") {
  settings chosen;
  chosen.rounds = rounds;
  chosen.filter = std::move(filter);
  return chosen;
}

struct totals {
  int steps = 0;
  double seconds = 0;
};

std::map<std::uint64_t, totals> by_size(const std::vector<step>& steps) {
  std::map<std::uint64_t, totals> sums;
  for (const step& each : steps) {
    ++sums[each.measured->size].steps;
    sums[each.measured->size].seconds += each.spent.group_seconds;
  }
  return sums;
}

TEST(plan, goes_through_large_groups_less_often_and_measures_all_as_long) {
  const suite measured = make_suite();
  struct row {
    int rounds;
    int small;
    int medium;
    int large;
    int huge;
  };
  const row rows[] = {{1, 1, 1, 1, 1}, {2, 2, 1, 1, 1},   {3, 3, 2, 1, 1},      {4, 4, 2, 1, 1},
                      {5, 5, 3, 2, 1}, {16, 16, 8, 4, 1}, {100, 100, 50, 25, 1}};
  for (const row& each : rows) {
    auto sums = by_size(make_plan(measured, settings_of(each.rounds)));
    EXPECT_EQ(sums[1].steps, each.small) << each.rounds << " rounds";
    EXPECT_EQ(sums[5'000].steps, each.medium) << each.rounds << " rounds";
    EXPECT_EQ(sums[20'000].steps, each.large) << each.rounds << " rounds";
    EXPECT_EQ(sums[1'000'000].steps, each.huge) << each.rounds << " rounds";
    EXPECT_NEAR(sums[1].seconds, sums[1'000'000].seconds, 1e-9) << each.rounds << " rounds";
    EXPECT_NEAR(sums[5'000].seconds, sums[1'000'000].seconds, 1e-9) << each.rounds << " rounds";
    EXPECT_NEAR(sums[20'000].seconds, sums[1'000'000].seconds, 1e-9) << each.rounds << " rounds";
  }
}

TEST(plan, plans_what_is_selected) {
  const suite measured = make_suite();
  EXPECT_EQ(make_plan(measured, settings_of(2, "nodes:1$")).size(), 2U);
  EXPECT_TRUE(make_plan(measured, settings_of(1, "nothing_like_it")).empty());
  EXPECT_THROW(make_plan(measured, settings_of(1, "(")), std::runtime_error);
  settings quick;
  quick.effort = effort::quick;
  for (const step& each : make_plan(measured, quick)) {
    EXPECT_GT(each.planned_seconds, 0);
    EXPECT_GE(each.spent.repetitions_max, each.spent.repetitions_min);
    EXPECT_LT(each.measured->size, 200'000U) << "too large for a quick run";
  }
}

}  // namespace
}  // namespace headroom
