#include "subsystems/templating/reference_reader.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace engine::templating {
namespace {

TEST(reference_reader, reads_paths) {
  struct row {
    std::string_view text;
    std::vector<std::string_view> path;
    bool has_default;
  };
  const row rows[] = {
      {"{{a}}", {"a"}, false},
      {"{{ tasks.fetch.outputs.result }} and more", {"tasks", "fetch", "outputs", "result"}, false},
      {"{{a[3]['b.c'].d}}", {"a", "[3]", "b.c", "d"}, false},
      {"{{a['it\\'s']}}", {"a", "it's"}, false},
      {"{{a | default('x') | length}}", {"a"}, true},
      {"{{a | string}}", {"a"}, false},
      {"{{'constant'}}", {}, false},
  };
  reference_reader reader;
  for (const row& each : rows) {
    const auto read = reader.read(each.text);
    ASSERT_TRUE(read.has_value()) << each.text << ": " << read.error().what();
    EXPECT_EQ(std::vector(read->path.begin(), read->path.end()), each.path) << each.text;
    EXPECT_EQ(read->has_default, each.has_default) << each.text;
  }
}

TEST(reference_reader, says_what_is_wrong) {
  struct row {
    std::string_view text;
    errc code;
    std::size_t offset;
  };
  const row rows[] = {
      {"{{", errc::unterminated, 0},        {"{{a", errc::unterminated, 0},
      {"{{}}", errc::empty_placeholder, 0}, {"{{=a}}", errc::unsupported_expression, 0},
      {"{{a b}}", errc::bad_path, 4},       {"{{a.}}", errc::bad_path, 4},
      {"{{a|nope}}", errc::bad_filter, 4},  {"{{a|match('(')}}", errc::bad_pattern, 4},
      {"{{a.b.c.d}}", errc::too_deep, 0},
  };
  reference_reader reader({.path_depth_max = 3});
  for (const row& each : rows) {
    const auto read = reader.read(each.text);
    ASSERT_FALSE(read.has_value()) << each.text;
    EXPECT_EQ(read.error().code, each.code) << each.text << ": " << read.error().what();
    EXPECT_EQ(read.error().where.offset, each.offset) << each.text;
    EXPECT_TRUE(reader.read("{{a}}").has_value()) << each.text;  // It goes on as if nothing was.
  }
}

}  // namespace
}  // namespace engine::templating
