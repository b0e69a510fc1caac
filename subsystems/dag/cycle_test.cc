#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/dag/builder.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

// Every ordered pair with this probability, so that cycles are common.
std::vector<edge> random_digraph(fixtures::random& source, std::uint32_t nodes,
                                 double probability) {
  std::vector<edge> edges;
  for (node_id dependency = 0; dependency < nodes; ++dependency) {
    for (node_id dependent = 0; dependent < nodes; ++dependent) {
      if (dependency != dependent && source.unit() < probability) {
        edges.push_back({dependency, dependent});
      }
    }
  }
  source.shuffle(std::span(edges));
  return edges;
}

bool has_cycle(std::uint32_t nodes, std::span<const edge> edges) {
  for (node_id node = 0; node < nodes; ++node) {
    if (testing::naive_distance(nodes, edges, node, node) > 0) {
      return true;
    }
  }
  return false;
}

// 0 -> 1 -> … -> length - 1 -> 0.
std::vector<edge> ring(std::uint32_t length) {
  std::vector<edge> edges;
  for (node_id node = 0; node < length; ++node) {
    edges.push_back({node, (node + 1) % length});
  }
  return edges;
}

TEST(cycle, is_real_and_shortest_through_its_first_task) {
  builder reused;
  graph out;
  int refused = 0;
  int accepted = 0;
  for (std::uint64_t seed = 1; refused < 10'000; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = 2 + source.below(24);
    const std::vector<edge> edges = random_digraph(source, nodes, 2.5 * source.unit() / nodes);
    const checked<void> built = reused.build(nodes, edges, out);
    ASSERT_EQ(built.has_value(), !has_cycle(nodes, edges)) << "seed " << seed;
    if (built.has_value()) {
      ++accepted;
      continue;
    }
    ++refused;
    ASSERT_EQ(built.error().problems.size(), 1U) << "seed " << seed;
    const problem found = built.error().problems.front();
    ASSERT_EQ(found.code, errc::cycle) << "seed " << seed;
    ASSERT_EQ(testing::find_cycle_flaw(found.tasks, edges), "") << "seed " << seed;
    const node_id first = found.tasks.front();
    ASSERT_EQ(static_cast<int>(found.tasks.size()),
              testing::naive_distance(nodes, edges, first, first))
        << "seed " << seed;
  }
  EXPECT_GT(accepted, 1'000);
}

TEST(cycle, is_found_wherever_it_lies) {
  struct row {
    const char* what;
    std::uint32_t nodes;
    std::vector<edge> edges;
    std::size_t length;
  };
  std::vector<edge> tail = ring(3);
  tail.insert(tail.end(), {{2, 3}, {3, 4}, {4, 5}});
  const row rows[] = {
      {"two tasks", 2, ring(2), 2},
      {"all tasks", 50, ring(50), 50},
      {"behind roots", 5, {{0, 1}, {1, 2}, {2, 3}, {3, 2}, {3, 4}}, 2},
      {"before a long tail", 6, tail, 3},
      {"beside sound tasks", 6, {{0, 1}, {1, 2}, {3, 4}, {4, 5}, {5, 3}}, 3},
      {"a short one inside a long one", 6, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {1, 0}}, 2},
      {"two of them", 5, {{0, 1}, {1, 0}, {2, 3}, {3, 4}, {4, 2}}, 2},
  };
  for (const row& each : rows) {
    graph out;
    const checked<void> built = builder().build(each.nodes, each.edges, out);
    ASSERT_FALSE(built.has_value()) << each.what;
    ASSERT_EQ(built.error().code(), errc::cycle) << each.what;
    const std::vector<node_id> path = built.error().problems.front().tasks;
    EXPECT_EQ(testing::find_cycle_flaw(path, each.edges), "") << each.what;
    EXPECT_EQ(path.size(), each.length) << each.what << ": " << built.error().message();
  }
}

TEST(cycle, is_abbreviated_in_the_message_but_not_in_the_path) {
  for (const std::uint32_t length : {2U, 15U, 16U, 17U, 18U, 40U, 100'000U}) {
    graph out;
    const checked<void> built = builder().build(length, ring(length), out);
    ASSERT_FALSE(built.has_value());
    const problem found = built.error().problems.front();
    ASSERT_EQ(found.tasks.size(), length);
    std::string expected = "cycle: ";
    for (std::uint32_t at = 0; at < length; ++at) {
      if (length > 16 && at == 8) {
        expected += fmt::format("… ({} more) -> ", length - 16);
        at = length - 8;
      }
      expected += fmt::format("#{} -> ", found.tasks[at]);
    }
    EXPECT_EQ(found.message, expected + fmt::format("#{} (each is a dependency of the next)",
                                                    found.tasks.front()));
  }
}

TEST(cycle, allocates_its_report_alone) {
  constexpr std::uint64_t report = 3;  // the list, the path, the sentence
  for (const std::uint32_t length : {2U, 1'000U}) {
    builder reused;
    graph out;
    const std::vector<edge> edges = ring(length);
    ASSERT_FALSE(reused.build(length, edges, out).has_value());
    const std::uint64_t before = testing::allocations();
    ASSERT_FALSE(reused.build(length, edges, out).has_value());
    EXPECT_LE(testing::allocations() - before, report) << length;
  }
}

TEST(cycle, names_its_tasks) {
  const std::string long_name(200, 'x');
  const testing::definition tasks = {
      {"sound", {}}, {"b", {"sound", long_name}}, {long_name, {"b"}}};
  graph out;
  const checked<void> built = builder().build(tasks.tasks(), out);
  ASSERT_FALSE(built.has_value());
  const std::string cut_name = std::string(80, 'x') + "…";
  constexpr std::string_view direction = " (each is a dependency of the next)";
  const bool starts_with_b = built.error().problems.front().tasks.front() == 1;
  EXPECT_EQ(built.error().message(),
            starts_with_b ? fmt::format("cycle: b -> {} -> b{}", cut_name, direction)
                          : fmt::format("cycle: {0} -> b -> {0}{1}", cut_name, direction));
}

}  // namespace
}  // namespace engine::dag
