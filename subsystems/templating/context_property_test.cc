// A path means the same whatever was looked up before it: contexts against a look-up that starts
// from scratch each time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/naive_reference.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

// What a path is as text, "?" without a value.
std::string expected_of(const std::string& path, const naive::mounts& values) {
  const auto steps = naive::steps_of(path);
  const json::value* const found = naive::lookup(steps.value(), values);
  return found == nullptr ? "?" : naive::text_of(*found);
}

// The ways to look a path up; with the filter, nothing of the path itself is remembered.
enum class way { rendered, resolved, filtered };
constexpr way ways[] = {way::rendered, way::resolved, way::filtered};

template <class Text>
std::string known_or_not(const result<Text>& made) {
  if (!made) {
    EXPECT_EQ(made.error().code, errc::unknown_reference) << made.error().what();
    return "?";
  }
  return std::string(*made);
}

std::string looked_up(const std::string& path, way how, context& values, resolver& resolving) {
  const std::string filter = how == way::filtered ? " | default('?')" : "";
  const std::string text = fmt::format("{{{{{}{}}}}}", path, filter);
  return how == way::rendered ? known_or_not(render(compile(text).value(), values))
                              : known_or_not(resolving.resolve(text, values));
}

struct world {
  std::vector<std::pair<std::string_view, std::string_view>> mounts;
  std::vector<std::string> paths;
};

const std::vector<world>& worlds() {
  static const std::vector<world> all = {
      {{{"", R"({"a":{"b":{"c":1,"d":"root"}}})"}, {"a", R"({"b":{"d":"near"}})"}},
       {"a.b.c", "a.b.d", "a.b", "a.b.e"}},
      {{{"", R"({"a":{"b":{"c":1,"d":2,"e":3}}})"},
        {"a", R"({"b":{"d":4}})"},
        {"a.b", R"({"e":5})"}},
       {"a.b.c", "a.b.d", "a.b.e", "a['b'].d", "a.b['e']"}},
      {{{"a", R"({"b":{"c":{"x":1,"y":2}}})"}, {"a.b", R"({"c":{"y":3,"z":4}})"}},
       {"a.b.c.x", "a.b.c.y", "a.b.c.z", "a.b.c"}},
      {{{"a", R"({"b":{"x":1,"y":2}})"}, {"a.b.c.d", R"({"x":3})"}},
       {"a.b.x", "a.b.y", "a.b.c.d.x", "a.b.c.d.y"}},
      {{{"", R"({"a.b":{"x":1,"y":2},"a":{"z":0}})"}, {"a", R"({"b":{"y":3}})"}},
       {"a.b.x", "a.b.y", "a.z", "['a.b'].x", "['a.b'].y"}},
      {{{"", R"({"a":{"b.c":{"x":1,"y":2}}})"}, {"a.b", R"({"c":{"y":3}})"}},
       {"a.b.c.x", "a.b.c.y", "a['b.c'].x", "a['b.c'].y"}},
      {{{"", R"({"a":[{"x":1,"y":2}]})"}, {"a", R"([{"y":3}])"}},
       {"a[0].x", "a[0].y", "a[1].x", "a"}},
      {{{"", R"({"":{"x":1,"y":2},"a":{"":{"x":3,"y":4}}})"}, {"a", R"({"":{"y":5}})"}},
       {"[''].x", "[''].y", "a[''].x", "a[''].y"}},
  };
  return all;
}

TEST(context_property, order_of_look_ups_changes_nothing) {
  for (const world& each : worlds()) {
    naive::mounts mounts;
    for (const auto& [path, document] : each.mounts) {
      mounts.emplace(path, json::parse(document));
    }
    std::vector<std::size_t> order(each.paths.size());
    for (const way how : ways) {
      std::iota(order.begin(), order.end(), 0U);
      do {
        context values;
        resolver resolving;
        for (const auto& [path, document] : mounts) {
          values.set(path, document);
        }
        std::string before;
        for (const std::size_t number : order) {
          const std::string& path = each.paths[number];
          EXPECT_EQ(looked_up(path, how, values, resolving), expected_of(path, mounts))
              << path << " behind" << before;
          before += " " + path;
        }
      } while (std::next_permutation(order.begin(), order.end()));
    }
  }
}

// Few names, so that documents overlap; those behind the first three are rare.
constexpr std::string_view names[] = {"a", "b", "c", "a.b", "b.c", ""};

std::string_view random_name(fixtures::random& source) {
  return names[source.below(source.below(8) == 0 ? std::size(names) : 3)];
}

// Its leaves tell where they are from.
json::value random_tree(fixtures::random& source, std::uint32_t depth_max, int& leaves) {
  if (depth_max == 0 || source.below(8) == 0) {
    return ++leaves;
  }
  if (source.below(12) == 0) {
    return json::array{random_tree(source, depth_max - 1, leaves)};
  }
  json::object made;
  for (std::uint32_t left = source.between(2, 4); left > 0; --left) {
    made.insert_or_assign(random_name(source), random_tree(source, depth_max - 1, leaves));
  }
  return made;
}

std::string random_mount(fixtures::random& source) {
  std::string path;
  for (std::uint32_t left = source.below(4); left > 0; --left) {
    path += path.empty() ? "" : ".";
    path += names[source.below(3)];
  }
  return path;
}

std::string random_step(fixtures::random& source) {
  const std::string_view name = random_name(source);
  const std::uint32_t form = source.below(16);
  if (form == 0) {
    return "[0]";
  }
  if (form == 1 || name.empty()) {
    return fmt::format("['{}']", name);
  }
  return fmt::format("{}{}", form == 2 ? " . " : ".", name);
}

// Neighbours, most of them.
std::vector<std::string> random_paths(fixtures::random& source) {
  std::vector<std::string> made;
  while (made.size() < 9) {
    std::string before(names[source.below(3)]);
    for (std::uint32_t left = source.below(4); left > 0; --left) {
      before += random_step(source);
    }
    for (int last = 0; last < 3; ++last) {
      made.push_back(before + random_step(source));
    }
  }
  return made;
}

TEST(context_property, look_ups_among_changes_are_those_of_a_fresh_context) {
  fixtures::random source(14);
  int known = 0;
  int leaves = 0;
  for (int round = 0; round < 2'000; ++round) {
    naive::mounts mounts;
    context values({.paths_max = source.below(30), .templates_max = 1 + source.below(4)});
    resolver resolving;
    const std::vector<std::string> paths = random_paths(source);
    for (int step = 0; step < 40; ++step) {
      const std::uint32_t what = step < 4 ? 0 : source.below(16);
      const std::string& path = paths[source.below(9)];
      if (what == 0) {
        const std::string mount = random_mount(source);
        mounts[mount] = random_tree(source, 4, leaves);
        values.set(mount, mounts[mount]);
      } else if (what == 1) {
        const std::string mount = random_mount(source);
        values.unset(mount);
        mounts.erase(mount);
      } else if (what == 2) {
        values.forget();
      } else {
        const way how = ways[source.below(std::size(ways))];
        const std::string expected = expected_of(path, mounts);
        ASSERT_EQ(looked_up(path, how, values, resolving), expected) << path << ", round " << round;
        known += expected == "?" ? 0 : 1;
      }
    }
  }
  EXPECT_GT(known, 10'000);
}

}  // namespace
}  // namespace engine::templating
