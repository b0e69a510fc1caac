#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
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

// Two names whose fingerprints are equal under these keys, found by solving for it: under keys that
// are known, names that collide can be prepared.
std::array<std::string, 2> names_of_one_fingerprint(const internal::hash_keys& keys) {
  constexpr std::int64_t prime = (std::int64_t{1} << 61) - 1;
  constexpr std::int64_t middle = std::int64_t{1} << 55;
  const std::int64_t right = middle + static_cast<std::int64_t>(keys.word[1]);
  const std::int64_t right_too = middle + static_cast<std::int64_t>(keys.last[28]);
  const auto times = [](std::int64_t left, std::int64_t factor) {  // Nearest to 0, modulo prime.
    const auto rest =
        static_cast<std::int64_t>(internal::wide_word(left) * internal::wide_word(factor) % prime);
    return rest > prime / 2 ? rest - prime : rest;
  };
  const auto name_of = [](std::int64_t first, std::int64_t third) {
    const std::int64_t words[] = {first, middle, third, middle};
    std::string name;
    for (const std::int64_t word : words) {
      name.append(reinterpret_cast<const char*>(&word), 7);
    }
    return name;
  };
  const std::string base = name_of(middle, middle);
  for (std::int64_t factor = 1; factor < 10'000'000; ++factor) {
    const std::int64_t first = times(right_too, factor);
    const std::int64_t third = -times(right, factor);
    if (std::abs(first) < middle && std::abs(third) < middle) {
      const std::string other = name_of(middle + first, middle + third);
      if (internal::hash(base, keys) == internal::hash(other, keys)) {
        return {base, other};
      }
    }
  }
  throw std::runtime_error("no names of one fingerprint");
}

TEST(names_alike, differ_even_if_their_fingerprints_do_not) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto [first, second] = names_of_one_fingerprint(internal::key_source(seed).draw());
    builder made({.hash_seed = seed});
    graph out;
    const definition sound = {{first, {}}, {second, {first}}, {"load", {second, first}}};
    ASSERT_TRUE(made.build(sound.tasks(), out).has_value()) << "seed " << seed;
    EXPECT_EQ(testing::find_flaw(out, 3, std::vector<edge>{{0, 1}, {1, 2}, {0, 2}}), "")
        << "seed " << seed;

    const definition unsound = {{first, {}}, {second, {first}}, {second, {"nowhere"}}};
    const checked<void> refused = builder({.hash_seed = seed}).build(unsound.tasks(), out);
    ASSERT_FALSE(refused.has_value()) << "seed " << seed;
    ASSERT_EQ(refused.error().problems.size(), 2U) << refused.error().message();
    EXPECT_EQ(refused.error().problems[0].code, errc::duplicate_task);
    EXPECT_EQ(refused.error().problems[0].tasks, (std::vector<node_id>{2, 1}));
    EXPECT_EQ(refused.error().problems[1].code, errc::unknown_dependency);
  }
}

// Who knows all keys can have them all drawn in vain.
TEST(names_alike, are_refused_where_no_keys_tell_them_apart) {
  constexpr std::uint64_t seed = 7;
  internal::key_source keys(seed);
  std::vector<definition::named> tasks;
  for (std::uint32_t draw = 0; draw < 8; ++draw) {
    for (const std::string& name : names_of_one_fingerprint(keys.draw())) {
      if (std::none_of(tasks.begin(), tasks.end(),
                       [&](const auto& each) { return each.name == name; })) {
        tasks.push_back({name, {}});
      }
    }
    const definition made(tasks);
    const std::vector<edge> before = {{0, 1}};
    graph out = testing::make_graph(2, before);
    const checked<void> built = builder({.hash_seed = seed}).build(made.tasks(), out);
    ASSERT_EQ(built.has_value(), draw < 7) << draw;
    if (!built) {
      ASSERT_EQ(built.error().problems.size(), 1U);
      EXPECT_EQ(built.error().code(), errc::names_alike);
      EXPECT_EQ(built.error().message(),
                "the names of tasks could not be told apart by their hashes, under 8 sets of keys");
      EXPECT_EQ(testing::find_flaw(out, 2, before), "");
    }
    EXPECT_TRUE(builder().build(made.tasks(), out).has_value()) << "under the system's keys";
  }
}

// Searches are bounded: a crowd that would fill more lines than one may go through is tried with
// other keys.
TEST(names_alike, may_all_begin_in_one_line_of_the_table) {
  using internal::name_table;
  constexpr std::uint64_t seed = 3;
  constexpr std::uint32_t count = 200;
  static_assert(count > (name_table::lines_max + 1) * name_table::line_slots);
  const internal::hash_keys keys = internal::key_source(seed).draw();
  const std::uint64_t mask = name_table::slot_count(count) - 1;
  std::vector<definition::named> tasks;
  std::vector<edge> edges;
  for (std::uint64_t number = 0; tasks.size() < count; ++number) {
    const std::string name = fmt::format("transform-orders-{}", number);
    if ((internal::hash(name, keys) & mask) < name_table::line_slots) {
      tasks.push_back({name, {}});
      if (const auto id = static_cast<node_id>(tasks.size() - 1); id > 0) {
        tasks[id].depends_on = {tasks[id - 1].name};
        edges.push_back({id - 1, id});
      }
    }
  }
  graph out;
  const checked<void> built = builder({.hash_seed = seed}).build(definition(tasks).tasks(), out);
  ASSERT_TRUE(built.has_value()) << built.error().message();
  EXPECT_EQ(testing::find_flaw(out, count, edges), "");
}

// Former bug: periodic names of more than 32 bytes whose first byte made up for their length were
// one name under every key.
TEST(names_alike, differ_if_they_are_periodic_and_their_lengths_do) {
  const std::pair<std::string, std::string> rows[] = {
      {"x" + std::string(35, 'z'), "y" + std::string(36, 'z')},
      {"x" + std::string(36, 'z'), "{" + std::string(39, 'z')},
      {std::string(33, 'z'), "y" + std::string(35, 'z')},
      {"\x01" + std::string(63, 'a'), "\x02" + std::string(66, 'a')},
      {"a" + std::string(100, '\0'), "b" + std::string(103, '\0')},
  };
  for (const auto& [defined, other] : rows) {
    graph out;
    const definition both = {{defined, {}}, {other, {defined}}};
    ASSERT_TRUE(builder().build(both.tasks(), out).has_value()) << defined;
    EXPECT_EQ(testing::find_flaw(out, 2, std::vector<edge>{{0, 1}}), "") << defined;
    const definition missing = {{defined, {}}, {"report", {other}}};
    const checked<void> built = builder().build(missing.tasks(), out);
    ASSERT_FALSE(built.has_value()) << defined;
    EXPECT_EQ(built.error().code(), errc::unknown_dependency) << built.error().message();
  }
}

}  // namespace
}  // namespace engine::dag
