#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/dag/builder.h"
#include "subsystems/dag/name_table_internal.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag {
namespace {

using testing::definition;
using testing::expected_problem;
using namespace std::string_literals;

// Every length at which a name is kept or compared in another way, and its neighbours.
constexpr std::size_t lengths[] = {1,  2,  7,  8,  9,  15, 16, 17, 23, 24,  25,  30,  31,  32, 33,
                                   39, 40, 41, 63, 64, 65, 95, 96, 97, 127, 128, 129, 254, 255};

TEST(builder_names, refuses_unsound_tasks_and_leaves_the_graph_alone) {
  const std::string long_name(256, 'x');
  const std::string cut_name = "\"" + std::string(80, 'x') + "…\"";
  struct row {
    const char* what;
    definition tasks;
    std::vector<expected_problem> problems;
  };
  const row rows[] = {
      {"no name", {{"a", {}}, {"", {"a"}}}, {{errc::empty_name, {1}, "task number 2 has no name"}}},
      {"a name that would break a line",
       {{"a", {"b\n\x1b[31m\x7f"}}},
       {{errc::unknown_dependency,
         {0},
         "task \"a\" depends on \"b\\x0a\\x1b[31m\\x7f\", which is not a task"}}},
      {"no name twice",
       {{"", {}}, {"", {}}},
       {{errc::empty_name, {0}, "task number 1 has no name"},
        {errc::empty_name, {1}, "task number 2 has no name"}}},
      {"a name too long",
       {{"a", {}}, {long_name, {"a"}}},
       {{errc::name_too_long,
         {1},
         "the name of task " + cut_name + " is too long: 256 bytes, the limit is 255"}}},
      {"a name twice",
       {{"a", {}}, {"b", {"a"}}, {"a", {}}},
       {{errc::duplicate_task, {2, 0}, "two tasks are named \"a\", number 1 and number 3"}}},
      {"a name three times",
       {{"a", {}}, {"a", {}}, {"a", {}}},
       {{errc::duplicate_task, {1, 0}, "two tasks are named \"a\", number 1 and number 2"},
        {errc::duplicate_task, {2, 0}, "two tasks are named \"a\", number 1 and number 3"}}},
      {"an unknown dependency without a guess",
       {{"a", {"zebra"}}},
       {{errc::unknown_dependency, {0}, "task \"a\" depends on \"zebra\", which is not a task"}}},
      {"an unknown dependency with a guess",
       {{"load-orders", {}}, {"report", {"laod-orders"}}},
       {{errc::unknown_dependency,
         {1},
         "task \"report\" depends on \"laod-orders\", which is not a task; "
         "did you mean \"load-orders\"?"}}},
      {"an empty dependency",
       {{"a", {""}}},
       {{errc::unknown_dependency, {0}, "task \"a\" depends on \"\", which is not a task"}}},
      {"an unknown dependency that is long",
       {{"a", {long_name}}},
       {{errc::unknown_dependency,
         {0},
         "task \"a\" depends on " + cut_name + ", which is not a task"}}},
      {"itself", {{"a", {"a"}}}, {{errc::self_dependency, {0, 0}, "task \"a\" depends on itself"}}},
      {"a dependency twice",
       {{"a", {}}, {"b", {"a", "a"}}},
       {{errc::duplicate_dependency, {1, 0}, "task \"b\" names the dependency \"a\" twice"}}},
      {"two dependencies, three times each",
       {{"a", {}}, {"b", {}}, {"c", {"b", "a", "b", "a", "a", "b"}}},
       {{errc::duplicate_dependency, {2, 0}, "task \"c\" names the dependency \"a\" twice"},
        {errc::duplicate_dependency, {2, 1}, "task \"c\" names the dependency \"b\" twice"}}},
      {"several: names, then dependencies by task",
       {{"aa", {"aa", "nowhere"}}, {"b", {}}, {"b", {"aa", "aa"}}},
       {{errc::duplicate_task, {2, 1}, "two tasks are named \"b\", number 2 and number 3"},
        {errc::self_dependency, {0, 0}, "task \"aa\" depends on itself"},
        {errc::unknown_dependency, {0}, "task \"aa\" depends on \"nowhere\", which is not a task"},
        {errc::duplicate_dependency, {2, 0}, "task \"b\" names the dependency \"aa\" twice"}}},
      {"a flaw beside a cycle",
       {{"a", {"b"}}, {"b", {"a"}}, {"c", {"a", "a"}}},
       {{errc::duplicate_dependency, {2, 0}, "task \"c\" names the dependency \"a\" twice"}}},
      {"a cycle",
       {{"a", {"c"}}, {"b", {"a"}}, {"c", {"b"}}},
       {{errc::cycle, {0, 1, 2}, "cycle: a -> b -> c -> a (each is a dependency of the next)"}}},
      {"a cycle of names that could mislead",
       {{"a -> b", {"c\u202e"}}, {"c\u202e", {"a -> b"}}},
       {{errc::cycle,
         {0, 1},
         "cycle: \"a -> b\" -> c\\u{202e} -> \"a -> b\" (each is a dependency of the next)"}}},
  };
  const std::vector<edge> before = {{0, 1}, {1, 2}};
  builder warm;  // Takes another way to memory than a new one.
  for (const row& each : rows) {
    graph out = testing::make_graph(3, before);
    const checked<void> built = builder().build(each.tasks.tasks(), out);
    const checked<void> built_warm = warm.build(each.tasks.tasks(), out);
    ASSERT_FALSE(built.has_value()) << each.what;
    ASSERT_FALSE(built_warm.has_value()) << each.what;
    EXPECT_EQ(built_warm.error().message(), built.error().message());
    ASSERT_EQ(built.error().problems.size(), each.problems.size())
        << each.what << ": " << built.error().message();
    for (std::size_t at = 0; at < each.problems.size(); ++at) {
      const problem found = built.error().problems[at];
      EXPECT_EQ(found.code, each.problems[at].code) << each.what << ": " << found.message;
      EXPECT_EQ(found.message, each.problems[at].message) << each.what;
      if (found.code != errc::cycle) {
        EXPECT_EQ(found.tasks, each.problems[at].tasks) << each.what;
      }
    }
    EXPECT_EQ(testing::find_flaw(out, 3, before), "") << each.what;
  }
}

TEST(builder_names, keeps_the_limit_of_their_length) {
  struct row {
    std::uint32_t limit;
    std::uint32_t bytes;
    bool fits;
  };
  const row rows[] = {{255, 255, true}, {255, 256, false}, {255, 4'000, false},
                      {5, 5, true},     {5, 6, false},     {1, 1, true},
                      {1, 2, false},    {0, 1, false},     {300, 300, true}};
  for (const auto [limit, bytes, fits] : rows) {
    graph out;
    const definition tasks = {{std::string(bytes, 'x'), {}}};
    const checked<void> built = builder({.name_bytes_max = limit}).build(tasks.tasks(), out);
    EXPECT_EQ(built.has_value(), fits) << bytes << " bytes, limit " << limit;
    EXPECT_EQ(out.size(), fits ? 1U : 0U);
  }
}

// One task for each name; each depends on the one before by name, which must lead there and nowhere
// else.
void expect_told_apart(std::vector<std::string> names, const std::string& what) {
  std::vector<definition::named> tasks;
  std::vector<edge> edges;
  for (const std::string& name : names) {
    const auto id = static_cast<node_id>(tasks.size());
    tasks.push_back({name, {}});
    if (id > 0) {
      tasks[id].depends_on.push_back(names[id - 1]);
      edges.push_back({id - 1, id});
    }
  }
  const definition made(tasks);
  graph out;
  const checked<void> built = builder().build(made.tasks(), out);
  ASSERT_TRUE(built.has_value()) << what << ": " << built.error().message();
  ASSERT_EQ(testing::find_flaw(out, static_cast<std::uint32_t>(names.size()), edges), "") << what;
}

TEST(builder_names, differ_if_one_byte_does) {
  fixtures::random source(1);
  for (const std::size_t length : lengths) {
    const std::string base = testing::random_name(source, length);
    std::vector<std::string> names{base};
    for (std::size_t at = 0; at < length; ++at) {
      for (const char change : {'\x01', '\x80'}) {
        names.push_back(base);
        names.back()[at] = static_cast<char>(names.back()[at] ^ change);
      }
    }
    expect_told_apart(names, fmt::format("{} bytes", length));
  }
}

TEST(builder_names, differ_if_two_bytes_are_swapped) {
  for (const std::size_t length : lengths) {
    std::string base(length, 'a');
    std::vector<std::string> names;
    for (std::size_t at = 0; at < length; ++at) {
      names.push_back(base);
      names.back()[at] = 'b';
    }
    expect_told_apart(names, fmt::format("{} bytes", length));
  }
}

TEST(builder_names, differ_if_only_their_length_does) {
  for (const char letter : {'a', '\0', '\xff', '\x07'}) {
    std::vector<std::string> names;
    for (std::size_t length = 1; length <= 255; ++length) {
      names.emplace_back(length, letter);
    }
    expect_told_apart(names, fmt::format("byte {}", static_cast<int>(letter)));
  }
}

TEST(builder_names, may_hold_any_byte) {
  expect_told_apart({"a"s, "a\0"s, "a\0\0"s, "\0a"s, "\0"s, "\0\0"s, "a\0b"s, "a\0c"s, "ab"s},
                    "zero bytes");
  expect_told_apart({"ä", "a\xcc\x88", "\xff\xfe", "\"", "\n", " ", "  "}, "other bytes");
  std::vector<std::string> names;
  for (int byte = 0; byte < 256; ++byte) {
    names.emplace_back(1, static_cast<char>(byte));
    names.emplace_back(20, static_cast<char>(byte));
    names.emplace_back(40, static_cast<char>(byte));
  }
  expect_told_apart(names, "every byte");
}

// Mentions do not lie behind their task's name, nor anywhere near each other.
TEST(builder_names, are_read_at_any_address_and_not_beyond) {
  for (const std::size_t length : lengths) {
    // Of their own size, so that a sanitizer sees a read past either end.
    const std::vector<char> name(length, 'n');
    const std::vector<char> mention(length, 'n');
    const std::vector<char> other(length, 'o');
    const std::string_view depends_on[] = {{mention.data(), length}};
    const task tasks[] = {{{name.data(), length}, {}}, {{other.data(), length}, depends_on}};
    graph out;
    ASSERT_TRUE(builder().build(tasks, out).has_value()) << length << " bytes";
    EXPECT_EQ(testing::find_flaw(out, 2, std::vector<edge>{{0, 1}}), "") << length << " bytes";
  }
}

// Each of them must not be compared with all before it.
TEST(builder_names, may_all_be_equal_at_no_great_cost) {
  constexpr std::uint32_t count = 300'000;
  for (const std::string_view name : {"", "x", "transform-orders"}) {
    const std::vector<task> tasks(count, task{name, {}});
    graph out;
    const checked<void> built = builder().build(tasks, out);
    ASSERT_FALSE(built.has_value());
    EXPECT_EQ(built.error().code(), name.empty() ? errc::empty_name : errc::duplicate_task);
    EXPECT_TRUE(built.error().truncated);
  }
}

// Guesses at what was meant share a budget, or each would be a look at every name.
TEST(builder_names, may_be_unknown_and_like_all_others_at_no_great_cost) {
  constexpr std::uint32_t count = 50'000;
  std::vector<definition::named> tasks;
  for (std::uint32_t id = 0; id < count; ++id) {
    std::string name(255, 'x');
    name.replace(0, 6, std::to_string(100'000 + id));
    std::string unknown = name;
    unknown.replace(3, 3, "abc");
    tasks.push_back({name, {unknown}});
  }
  const definition made(tasks);
  graph out;
  const auto start = std::chrono::steady_clock::now();
  const checked<void> built = builder().build(made.tasks(), out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().code(), errc::unknown_dependency);
  EXPECT_NE(built.error().message().find("did you mean"), std::string::npos);
}

TEST(builder_names, lie_in_a_table_that_is_at_most_half_full) {
  for (const std::uint32_t nodes :
       {1U, 2U, 3U, 5U, 1'000U, 349'525U, 349'526U, 524'288U, 524'289U, 4'000'000U, 0x7fffffffU}) {
    const std::size_t slots = internal::name_table::slot_count(nodes);
    EXPECT_EQ(slots & (slots - 1), 0U) << nodes;
    EXPECT_GE(slots, 2 * std::size_t{nodes}) << nodes;
    EXPECT_LE(slots, std::max<std::size_t>(8, 6 * std::size_t{nodes})) << nodes;
  }
}

TEST(builder_names, repeat_under_a_fixed_seed_and_hold_under_any) {
  fixtures::random source(5);
  std::vector<definition::named> tasks(500);
  for (definition::named& each : tasks) {
    each.name = testing::random_name(source, source.below(40)) + std::to_string(&each - &tasks[0]);
  }
  const definition made(tasks);
  for (std::uint64_t seed = 0; seed <= 50; ++seed) {
    graph out;
    ASSERT_TRUE(builder({.hash_seed = seed}).build(made.tasks(), out).has_value())
        << "seed " << seed;
    EXPECT_EQ(out.size(), 500U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace engine::dag
