#include "subsystems/dag/graph.h"

#include <string>
#include <utility>
#include <vector>

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "subsystems/dag/builder.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::diamond;
using testing::find_flaw;

TEST(error, is_thrown_with_every_sentence) {
  graph out;
  const std::vector<edge> edges = {{0, 0}, {1, 1}};
  try {
    builder().build(2, edges, out).value();
    FAIL() << "did not throw";
  } catch (const boost::system::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::self_dependency);
    EXPECT_NE(
        std::string(thrown.what()).find("task #0 depends on itself\ntask #1 depends on itself"),
        std::string::npos)
        << thrown.what();
  }
}

TEST(error, has_a_sentence_for_every_code) {
  for (int code = 1; code <= static_cast<int>(errc::bad_duration); ++code) {
    const boost::system::error_code made = static_cast<errc>(code);
    EXPECT_STREQ(made.category().name(), "dag");
    EXPECT_NE(made.message(), "unknown error") << code;
  }
  EXPECT_EQ(category().message(0), "unknown error");
  EXPECT_EQ(category().message(1'000), "unknown error");
}

TEST(graph, is_empty_by_default) {
  const graph none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.edge_count(), 0U);
  EXPECT_EQ(none.level_count(), 0U);
  EXPECT_TRUE(none.order().empty());
  EXPECT_EQ(none.bytes(), 0U);
}

TEST(graph, is_empty_when_moved_from_and_takes_a_new_build) {
  graph source = testing::make_graph(4, diamond);
  const graph target = std::move(source);
  EXPECT_EQ(find_flaw(target, 4, diamond), "");
  ASSERT_EQ(find_flaw(source, 0, {}), "");  // NOLINT(bugprone-use-after-move): what is tested
  builder made;
  for (int build = 0; build < 3; ++build) {
    ASSERT_TRUE(made.build(4, diamond, source).has_value());
    EXPECT_EQ(find_flaw(source, 4, diamond), "");
    const graph taken = std::move(source);
  }
}

TEST(graph, takes_16_bytes_a_node_and_8_an_edge) {
  const graph built = testing::make_graph(1'000, diamond);
  EXPECT_LE(built.bytes(), 16'000 + 8 * diamond.size() + 32);
}

}  // namespace
}  // namespace engine::dag
