#include "subsystems/dag/critical_path.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::make_graph;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Tries every chain that cannot be made longer at its start, last task first.
class brute_force {
 public:
  brute_force(const graph& tasks, std::span<const double> durations)
      : tasks_(tasks), durations_(durations) {
    for (node_id last = 0; last < tasks.size(); ++last) {
      extend({last});
    }
  }

  [[nodiscard]] std::vector<node_id> longest() const { return {best_.rbegin(), best_.rend()}; }
  [[nodiscard]] double length() const { return length_; }

 private:
  void extend(const std::vector<node_id>& chain) {
    for (const node_id dependency : tasks_.dependencies(chain.back())) {
      std::vector<node_id> longer = chain;
      longer.push_back(dependency);
      extend(longer);
    }
    if (!tasks_.dependencies(chain.back()).empty()) {
      return;
    }
    double length = 0;
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
      length += durations_[*at];
    }
    if (best_.empty() || length > length_ || (length == length_ && chain < best_)) {
      best_ = chain;
      length_ = length;
    }
  }

  const graph& tasks_;
  std::span<const double> durations_;
  std::vector<node_id> best_;
  double length_ = 0;
};

TEST(critical_path, is_the_longest_chain) {
  struct row {
    const char* what;
    std::uint32_t nodes;
    std::vector<edge> edges;
    std::vector<double> durations;
    double length;
    std::vector<node_id> tasks;
  };
  const row rows[] = {
      {"nothing", 0, {}, {}, 0, {}},
      {"one task", 1, {}, {3}, 3, {0}},
      {"one task of no duration", 1, {}, {0}, 0, {0}},
      {"tasks side by side", 3, {}, {1, 4, 2}, 4, {1}},
      {"a tie: the smallest id", 3, {}, {1, 4, 4}, 4, {1}},
      {"a chain against the ids", 3, {{2, 1}, {1, 0}}, {1, 2, 4}, 7, {2, 1, 0}},
      {"the slower branch", 4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}}, {1, 2, 5, 1}, 7, {0, 2, 3}},
      {"a tie of branches", 4, {{0, 1}, {0, 2}, {2, 3}, {1, 3}}, {1, 2, 2, 1}, 4, {0, 1, 3}},
      {"one long task beside a chain", 4, {{0, 1}, {1, 2}}, {1, 1, 1, 9}, 9, {3}},
      {"no duration at either end", 3, {{0, 1}, {1, 2}}, {0, 2, 0}, 2, {0, 1}},
      {"minus zero", 2, {{0, 1}}, {-0.0, 1}, 1, {0, 1}},
      {"beyond all numbers", 2, {{0, 1}}, {1e308, 1e308}, infinity, {0, 1}},
  };
  for (const row& each : rows) {
    const result<critical_path> found =
        find_critical_path(make_graph(each.nodes, each.edges), each.durations);
    ASSERT_TRUE(found) << each.what;
    EXPECT_EQ(found->length, each.length) << each.what;
    EXPECT_EQ(found->tasks, each.tasks) << each.what;
  }
}

TEST(critical_path, equals_brute_force) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = 1 + source.below(10);
    const graph tasks =
        make_graph(nodes, testing::random_edges(source, nodes, 0.6 * source.unit()));
    const bool coarse = source.below(2) == 0;  // Small whole numbers make ties.
    std::vector<double> durations(nodes);
    for (double& each : durations) {
      each = coarse ? source.below(3) : source.unit();
    }
    const brute_force expected(tasks, durations);
    const result<critical_path> found = find_critical_path(tasks, durations);
    ASSERT_TRUE(found) << "seed " << seed;
    ASSERT_EQ(found->length, expected.length()) << "seed " << seed;
    ASSERT_EQ(found->tasks, expected.longest()) << "seed " << seed;
  }
}

TEST(earliest_starts, are_the_ends_of_the_last_dependencies) {
  const graph diamond = make_graph(4, std::vector<edge>{{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  const std::vector<double> durations = {1, 2, 5, 1};
  std::vector<double> starts(4, 77);
  const std::uint64_t before = testing::allocations();
  const result<double> length = find_earliest_starts(diamond, durations, starts);
  EXPECT_EQ(testing::allocations(), before);
  ASSERT_TRUE(length);
  EXPECT_EQ(*length, 7);
  EXPECT_EQ(starts, (std::vector<double>{0, 1, 1, 6}));
}

TEST(critical_path, refuses_what_is_not_a_duration_a_task) {
  struct row {
    const char* what;
    std::vector<double> durations;
    std::size_t starts;
    errc code;
  };
  const row rows[] = {
      {"no durations", {}, 3, errc::wrong_size},
      {"one too few", {1, 1}, 3, errc::wrong_size},
      {"one too many", {1, 1, 1, 1}, 3, errc::wrong_size},
      {"no room", {1, 1, 1}, 0, errc::wrong_size},
      {"too little room", {1, 1, 1}, 2, errc::wrong_size},
      {"too much room", {1, 1, 1}, 4, errc::wrong_size},
      {"wrong size and value", {-1, 1}, 3, errc::wrong_size},
      {"negative first", {-1, 1, 1}, 3, errc::bad_duration},
      {"negative last", {1, 1, -1e-300}, 3, errc::bad_duration},
      {"infinite", {1, infinity, 1}, 3, errc::bad_duration},
      {"minus infinite", {1, -infinity, 1}, 3, errc::bad_duration},
      {"not a number", {1, not_a_number, 1}, 3, errc::bad_duration},
  };
  const graph chain = make_graph(3, std::vector<edge>{{0, 1}, {1, 2}});
  for (const row& each : rows) {
    std::vector<double> starts(each.starts, 77);
    EXPECT_EQ(find_earliest_starts(chain, each.durations, starts).error(), each.code) << each.what;
    EXPECT_EQ(starts, std::vector<double>(each.starts, 77)) << each.what;
    if (each.starts == 3) {
      EXPECT_EQ(find_critical_path(chain, each.durations).error(), each.code) << each.what;
    }
  }
}

}  // namespace
}  // namespace engine::dag
