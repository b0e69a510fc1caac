// Texts of equal hashes are told apart by their bytes, and however many there are, none of them
// costs more than a bounded number of looks: with a cost that grew with the others, these tests
// would not end.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/cache.h"
#include "subsystems/templating/colliding_text.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/hash_seed.h"
#include "subsystems/templating/path_memory_internal.h"
#include "subsystems/templating/program_internal.h"
#include "subsystems/templating/render.h"
#include "subsystems/templating/slot_table_internal.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

using hostile::colliding_text;
using hostile::in_brackets;

std::uint64_t seed_of_process() {
  internal::settle_seed();
  return internal::process_seed;
}

TEST(collisions, are_made_here) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, seed_of_process()}) {
    const std::uint64_t hash = internal::text_hash(colliding_text("{{", 0, "}}", seed), seed);
    for (std::uint32_t number = 1; number < 1'000; ++number) {
      const std::string text = colliding_text("{{", number, "}}", seed);
      ASSERT_EQ(internal::text_hash(text, seed), hash);
      ASSERT_NE(text, colliding_text("{{", 0, "}}", seed));
    }
    EXPECT_NE(internal::text_hash(colliding_text("{{", 0, "}", seed), seed), hash);
  }
}

TEST(collisions, seed_is_settled_once) {
  const std::uint64_t before = seed_of_process();
  EXPECT_FALSE(fix_hash_seed(before + 1));
  EXPECT_EQ(seed_of_process(), before);
}

// However the hashes are, a path has its own value or none.
TEST(collisions, in_a_path_memory) {
  constexpr std::size_t paths = 200'000;
  const json::value value = 1;
  std::vector<std::string> texts;
  for (std::size_t number = 0; number < paths; ++number) {
    texts.push_back(fmt::format("path.{}", number));
  }
  const auto hash_of = [](std::size_t number, std::size_t form) -> std::uint64_t {
    return form == 0 ? 7 : form == 1 ? number << 40U : form == 2 ? ~std::uint64_t{0} : number / 100;
  };
  for (std::size_t form = 0; form < 4; ++form) {
    internal::path_memory memory;
    std::size_t found_again = 0;
    for (std::size_t number = 0; number < paths; ++number) {
      internal::cell as_text{};
      as_text.size = number;
      const auto& added = memory.add(hash_of(number, form), texts[number], value, as_text);
      ASSERT_EQ(added.path, texts[number]);
      const auto* const own = memory.find(hash_of(number, form), texts[number]);
      ASSERT_NE(own, nullptr);
      ASSERT_EQ(own->as_text.size, number);
      const auto* const other = memory.find(hash_of(number / 2, form), texts[number / 2]);
      ASSERT_TRUE(other == nullptr || other->as_text.size == number / 2);
      found_again += other == nullptr ? 0 : 1;
    }
    EXPECT_LE(memory.size(), paths);
    EXPECT_GT(found_again, 0U);
    memory.clear();
    EXPECT_EQ(memory.find(hash_of(0, form), texts[0]), nullptr);
  }
}

TEST(collisions, in_a_slot_table) {
  constexpr std::uint32_t count = 100'000;
  std::vector<std::string> texts;
  for (std::uint32_t number = 0; number < count; ++number) {
    texts.push_back(fmt::format("path.{}", number));
  }
  std::vector<internal::slot> slots;
  internal::slot_table table;
  for (std::uint32_t number = 0; number < count; ++number) {
    internal::slot added{};
    added.hash = 5;
    added.text = texts[number];
    slots.push_back(added);
    ASSERT_EQ(table.add_last(slots), number);
    const auto found = table.find(slots, 5, texts[number / 2], internal::slot_form::text);
    ASSERT_TRUE(!found || *found == number / 2);
  }
  EXPECT_EQ(table.find(slots, 5, texts[0], internal::slot_form::text), 0U);
  EXPECT_EQ(table.find(slots, 5, texts[0], internal::slot_form::json_value), std::nullopt);
}

// As keys, behind "['", the texts of whole paths collide.
TEST(collisions, of_paths_in_a_template) {
  constexpr std::uint32_t count = 10'000;
  constexpr limits bounds = {.placeholders_max = 2 * count};
  json::object document;
  std::string text;
  std::string expected;
  for (std::uint32_t number = 0; number < count; ++number) {
    const std::string path = colliding_text("['", number, "']", seed_of_process());
    const std::string key = path.substr(2, path.size() - 4);
    if (in_brackets(key) != path) {
      GTEST_SKIP() << "of this seed's 8 bytes, one is a quote or a backslash";
    }
    document[key] = number;
    text += "{{" + path + "}}";
    expected += std::to_string(number);
  }
  const json::value whole = document;
  text += text;
  expected += expected;
  context values({.bounds = bounds, .paths_max = count});
  values.set("", whole);
  resolver resolving(bounds);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(resolving.resolve(text, values).value(), expected);
    const compiled_template compiled = compile(text, bounds).value();
    EXPECT_EQ(render(compiled, values).value(), expected);
    EXPECT_EQ(references(compiled).size(), count);
  }
}

TEST(collisions, of_the_paths_of_documents) {
  constexpr std::uint32_t count = 50'000;
  const auto path_of = [](std::uint32_t number) {
    return colliding_text("task", number, "", seed_of_process());
  };
  json::array documents;
  for (std::uint32_t number = 0; number < count; ++number) {
    documents.emplace_back(number);
  }
  context values({.lenient = true});
  for (std::uint32_t number = 0; number < count; ++number) {
    values.set(path_of(number), documents[number]);
  }
  for (std::uint32_t number = 0; number < count; number += 2) {
    values.unset(path_of(number));
  }
  values.unset(path_of(count));
  resolver resolving;
  for (std::uint32_t number = 0; number < count; number += 7) {
    const std::string text = "{{" + in_brackets(path_of(number)) + "}}";
    ASSERT_EQ(resolving.resolve(text, values).value(),
              number % 2 == 0 ? "" : std::to_string(number));
  }
}

TEST(collisions, in_a_cache) {
  constexpr std::uint64_t seed = 7;
  constexpr std::uint32_t count = 300;
  template_cache cache({.entries_max = 64, .shards = 1, .client_entries = 8, .hash_seed = seed});
  template_cache::client first(cache);
  template_cache::client second(cache);
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t number = 0; number < count; ++number) {
      const std::string text = colliding_text("", number, "{{a}}", seed);
      ASSERT_EQ(first.get(text).value()->source(), text);
      ASSERT_EQ(second.get(text).value()->source(), text);
      ASSERT_EQ(second.get("of another hash").value()->source(), "of another hash");
    }
  }
  EXPECT_EQ(cache.read().entries, 2U);  // Of one hash, one.
}

}  // namespace
}  // namespace engine::templating
