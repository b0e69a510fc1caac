#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/workflow.h"
#include "subsystems/dag/builder.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::definition;
using testing::find_flaw;

// Tasks with random names and these edges; the length of names says how they are kept.
definition name_tasks(fixtures::random& source, std::uint32_t nodes, std::span<const edge> edges) {
  const std::uint32_t bytes_max = source.below(2) == 0 ? 32 : 100;
  std::vector<definition::named> tasks(nodes);
  for (node_id node = 0; node < nodes; ++node) {
    const std::string number = std::to_string(node);
    tasks[node].name = testing::random_name(source, source.below(bytes_max)) + "|" + number;
  }
  for (const edge& each : edges) {
    tasks[each.dependent].depends_on.push_back(tasks[each.dependency].name);
  }
  return definition(std::move(tasks));
}

TEST(builder_property, random_graphs_equal_a_plain_reference) {
  builder reused;
  graph out;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = source.below(50);
    const double density = source.unit();
    const std::vector<edge> edges = testing::random_edges(source, nodes, density * density);
    ASSERT_TRUE(reused.build(nodes, edges, out).has_value()) << "seed " << seed;
    ASSERT_EQ(find_flaw(out, nodes, edges), "") << "ids, seed " << seed;

    const definition tasks = name_tasks(source, nodes, edges);
    const checked<void> built = reused.build(tasks.tasks(), out);
    ASSERT_TRUE(built.has_value()) << "seed " << seed << ": " << built.error().message();
    ASSERT_EQ(find_flaw(out, nodes, edges), "") << "names, seed " << seed;
  }
}

struct flaw {
  edge added;
  errc code;
};

// An edge that is wrong beside those of a sound graph.
flaw draw_flaw(fixtures::random& source, std::uint32_t nodes, std::span<const edge> sound) {
  const node_id node = source.below(nodes);
  switch (source.below(sound.empty() ? 3 : 5)) {
    case 0:
      return {{node, node}, errc::self_dependency};
    case 1:
      return {{nodes + source.below(3), node}, errc::unknown_node};
    case 2:
      return {{node, nodes + source.below(3)}, errc::unknown_node};
    case 3:
      return {sound[source.below(static_cast<std::uint32_t>(sound.size()))],
              errc::duplicate_dependency};
    default:
      const edge turned = sound[source.below(static_cast<std::uint32_t>(sound.size()))];
      return {{turned.dependent, turned.dependency}, errc::cycle};
  }
}

TEST(builder_property, one_random_flaw_is_found_and_nothing_else) {
  builder reused;
  graph out;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    fixtures::random source(seed);
    const std::uint32_t nodes = 1 + source.below(30);
    std::vector<edge> edges = testing::random_edges(source, nodes, 0.2);
    const flaw drawn = draw_flaw(source, nodes, edges);
    edges.push_back(drawn.added);
    source.shuffle(std::span(edges));
    const checked<void> built = reused.build(nodes, edges, out);
    ASSERT_FALSE(built.has_value()) << "seed " << seed;
    ASSERT_EQ(built.error().code(), drawn.code) << "seed " << seed << built.error().message();
    ASSERT_EQ(built.error().problems.size(), 1U) << "seed " << seed << built.error().message();
    ASSERT_EQ(out.size(), 0U) << "seed " << seed;
  }
}

void expect_same_by_names_and_ids(const fixtures::workflow_options& options) {
  const fixtures::workflow made(options);
  const std::string what = fmt::format("{}, {} tasks, seed {}, {}", name_of(options.shape),
                                       options.tasks, options.seed, options.shuffled);
  graph out;
  const checked<void> by_names = builder().build(made.tasks(), out);
  ASSERT_TRUE(by_names.has_value()) << what << ": " << by_names.error().message();
  ASSERT_EQ(find_flaw(out, options.tasks, made.edges()), "") << what << ", names";
  const checked<void> by_ids = builder().build(options.tasks, made.edges(), out);
  ASSERT_TRUE(by_ids.has_value()) << what << ": " << by_ids.error().message();
  ASSERT_EQ(find_flaw(out, options.tasks, made.edges()), "") << what << ", ids";
}

TEST(builder_property, workflows_are_the_same_by_names_and_by_ids) {
  for (const fixtures::shape shape : fixtures::all_shapes) {
    for (const std::uint32_t tasks : {4U, 5U, 6U, 7U, 16U, 31U, 33U, 100U, 1'000U}) {
      for (const std::uint64_t seed : {1U, 2U, 3U}) {
        for (const bool shuffled : {false, true}) {
          expect_same_by_names_and_ids(
              {.shape = shape, .tasks = tasks, .seed = seed, .shuffled = shuffled});
        }
      }
    }
  }
}

// Beyond some sizes branches are avoided and memory is asked for ahead of time, by code of its own.
TEST(builder_property, large_workflows_are_the_same_by_names_and_by_ids) {
  for (const fixtures::shape shape : fixtures::all_shapes) {
    for (const std::uint32_t tasks : {3'999U, 4'000U, 7'999U, 8'000U, 15'999U, 16'000U}) {
      expect_same_by_names_and_ids({.shape = shape, .tasks = tasks});
    }
    expect_same_by_names_and_ids({.shape = shape, .tasks = 16'017, .shuffled = false});
  }
  for (const fixtures::shape shape : {fixtures::shape::layered, fixtures::shape::fan_in}) {
    expect_same_by_names_and_ids({.shape = shape, .tasks = 200'001});
  }
  // The table of names is exactly half full.
  expect_same_by_names_and_ids({.shape = fixtures::shape::chain, .tasks = 524'288});
}

TEST(builder_property, large_graphs_may_have_next_to_no_edges) {
  for (const std::uint32_t nodes : {16'000U, 200'000U}) {
    for (const std::uint32_t count : {0U, 1U, 20U}) {
      std::vector<std::string> names(nodes);
      std::vector<task> tasks(nodes);
      std::vector<edge> edges;
      for (node_id node = 0; node < nodes; ++node) {
        names[node] = fmt::format("task-{}", node);
        tasks[node].name = names[node];
      }
      std::vector<std::string_view> mentions(names.begin(), names.begin() + count);
      for (node_id node = 0; node < count; ++node) {
        tasks[nodes - 1 - node].depends_on = std::span(mentions).subspan(node, 1);
        edges.push_back({node, nodes - 1 - node});
      }
      graph out;
      const checked<void> built = builder().build(tasks, out);
      ASSERT_TRUE(built.has_value()) << built.error().message();
      EXPECT_EQ(find_flaw(out, nodes, edges), "") << nodes << ", " << count;
    }
  }
}

// Two tasks that share a dependent stand side by side, so that one row ends as the next begins.
TEST(builder_property, a_duplicate_is_found_wherever_it_stands_in_a_row) {
  for (const std::uint32_t nodes : {100U, 5'000U, 200'000U}) {
    for (std::uint32_t length = 1; length <= 20; length += nodes < 100'000 ? 1 : 5) {
      std::vector<edge> edges;
      for (node_id dependent = 50; dependent < 50 + length; ++dependent) {
        edges.push_back({7, dependent});
      }
      edges.insert(edges.end(), {{6, 50}, {8, 49 + length}});
      graph out;
      ASSERT_TRUE(builder().build(nodes, edges, out).has_value()) << nodes << ", " << length;
      for (node_id dependent = 50; dependent < 50 + length; ++dependent) {
        edges.push_back({7, dependent});
        const checked<void> built = builder().build(nodes, edges, out);
        ASSERT_FALSE(built.has_value()) << nodes << ", " << length << ", " << dependent;
        ASSERT_EQ(built.error().code(), errc::duplicate_dependency);
        ASSERT_EQ(built.error().problems.front().tasks, (std::vector<node_id>{dependent, 7}));
        edges.pop_back();
      }
    }
  }
}

// The faults that only names can have.
TEST(builder_property, faults_of_workflows_are_found) {
  struct row {
    fixtures::fault fault;
    errc code;
  };
  const row rows[] = {
      {fixtures::fault::cycle_short, errc::cycle},
      {fixtures::fault::cycle_long, errc::cycle},
      {fixtures::fault::cycle_at_end, errc::cycle},
      {fixtures::fault::cycle_in_layer, errc::cycle},
      {fixtures::fault::dangling_dependency, errc::unknown_dependency},
      {fixtures::fault::duplicate_dependency, errc::duplicate_dependency},
  };
  for (const auto [fault, code] : rows) {
    for (const fixtures::shape shape : fixtures::all_shapes) {
      for (const std::uint32_t tasks : {12U, 100U, 5'001U, 17'001U}) {
        const fixtures::workflow made({.shape = shape, .tasks = tasks, .fault = fault});
        graph out;
        const checked<void> built = builder().build(made.tasks(), out);
        const std::string what =
            fmt::format("fault {}, {}, {} tasks", static_cast<int>(fault), name_of(shape), tasks);
        ASSERT_FALSE(built.has_value()) << what;
        EXPECT_EQ(built.error().code(), code) << what << ": " << built.error().message();
        EXPECT_EQ(built.error().problems.size(), 1U) << what << ": " << built.error().message();
        if (code == errc::cycle) {
          EXPECT_EQ(testing::find_cycle_flaw(built.error().problems.front().tasks, made.edges()),
                    "")
              << what;
        }
      }
    }
  }
}

TEST(builder_property, long_names_are_found_in_large_tables_too) {
  constexpr std::uint32_t nodes = 16'500;
  fixtures::random source(9);
  std::vector<edge> edges;
  for (node_id node = 1; node < nodes; ++node) {
    edges.push_back({source.below(node), node});
  }
  std::vector<definition::named> tasks(nodes);
  for (node_id node = 0; node < nodes; ++node) {
    const std::string number = std::to_string(node);
    tasks[node].name = fmt::format("{0}{1:x^{2}}{0}", number, "", 30 * source.below(3));
  }
  for (const edge& each : edges) {
    tasks[each.dependent].depends_on.push_back(tasks[each.dependency].name);
  }
  const definition made(tasks);
  graph out;
  const checked<void> built = builder().build(made.tasks(), out);
  ASSERT_TRUE(built.has_value()) << built.error().message();
  EXPECT_EQ(find_flaw(out, nodes, edges), "");
}

TEST(builder_property, builds_from_names_again_without_allocating) {
  for (const std::uint32_t tasks : {100U, 17'000U}) {
    const fixtures::workflow made({.tasks = tasks});
    builder reused;
    graph out;
    ASSERT_TRUE(reused.build(made.tasks(), out).has_value());
    ASSERT_TRUE(reused.build(made.tasks(), out).has_value());
    const std::uint64_t before = testing::allocations();
    ASSERT_TRUE(reused.build(made.tasks(), out).has_value());
    ASSERT_TRUE(reused.build(made.tasks().first(0), out).has_value());
    ASSERT_TRUE(reused.build(made.tasks(), out).has_value());
    EXPECT_EQ(testing::allocations(), before) << tasks << " tasks";
    EXPECT_EQ(find_flaw(out, tasks, made.edges()), "");
  }
}

}  // namespace
}  // namespace engine::dag
