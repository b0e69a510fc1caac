#include "subsystems/templating/cache.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"

namespace engine::templating {
namespace {

std::string text_of(std::size_t number) { return fmt::format("text {} of {{{{a.b}}}}", number); }

TEST(cache, compiles_each_text_once) {
  template_cache cache;
  template_cache::client client(cache);
  const auto first = client.get("x {{a}}");
  ASSERT_TRUE(first.has_value());
  const auto* const program = &(*first)->compiled();
  EXPECT_EQ((*first)->source(), "x {{a}}");
  EXPECT_EQ(&client.get("x {{a}}").value()->compiled(), program);
  EXPECT_NE(&client.get("x {{b}}").value()->compiled(), program);
  const auto counted = cache.read();
  EXPECT_EQ(counted.hits, 1U);
  EXPECT_EQ(counted.misses, 2U);
  EXPECT_EQ(counted.evictions, 0U);
  EXPECT_EQ(counted.entries, 2U);
  EXPECT_GT(counted.bytes, 0U);
}

TEST(cache, is_shared_by_its_clients) {
  template_cache cache;
  std::optional<template_cache::client> gone(cache);
  const auto* const program = &gone->get("{{a}}").value()->compiled();
  template_cache::client other(cache);
  EXPECT_EQ(&other.get("{{a}}").value()->compiled(), program);
  gone.reset();
  const auto counted = cache.read();
  EXPECT_EQ(counted.hits, 1U);
  EXPECT_EQ(counted.misses, 1U);
}

TEST(cache, does_not_keep_what_does_not_compile) {
  template_cache cache({.bounds = {.placeholders_max = 1}});
  template_cache::client client(cache);
  for (int round = 0; round < 2; ++round) {
    for (const char* text : {"{{", "{{}}", "{{a b}}", "{{a}}{{b}}"}) {
      EXPECT_FALSE(client.get(text).has_value()) << text;
    }
  }
  EXPECT_EQ(cache.read().misses, 8U);
  EXPECT_EQ(cache.read().entries, 0U);
}

TEST(cache, keeps_its_bounds) {
  struct row {
    template_cache::options chosen;
    std::size_t entries_max;
  };
  const row rows[] = {
      {{.entries_max = 100, .shards = 1, .client_entries = 4}, 100},
      {{.entries_max = 100, .shards = 4, .client_entries = 4}, 100},
      {{.entries_max = 1, .shards = 1, .client_entries = 4}, 1},
      {{.entries_max = 0, .shards = 0, .client_entries = 0}, 1},
      {{.entries_max = 1'000, .bytes_max = 20'000, .shards = 1, .client_entries = 4}, 1'000},
      {{.entries_max = 1'000, .bytes_max = 0, .shards = 1, .client_entries = 4}, 0},
  };
  for (const row& each : rows) {
    template_cache cache(each.chosen);
    template_cache::client client(cache);
    for (std::size_t number = 0; number < 2'000; ++number) {
      ASSERT_EQ(client.get(text_of(number)).value()->source(), text_of(number));
      ASSERT_LE(cache.read().entries, each.entries_max) << each.entries_max;
      ASSERT_LE(cache.read().bytes, each.chosen.bytes_max) << each.entries_max;
    }
    const auto counted = cache.read();
    EXPECT_EQ(counted.misses, 2'000U);
    EXPECT_EQ(counted.evictions, each.entries_max == 0 ? 0 : 2'000 - counted.entries);
  }
}

TEST(cache, takes_options_as_large_as_they_get) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  const template_cache::options rows[] = {
      {.entries_max = most},
      {.entries_max = most - 1, .shards = 3},
      {.bytes_max = most},
      {.bytes_max = most, .shards = 1},
      {.entries_max = most, .shards = most},
      {.client_entries = most},
      {.client_entry_bytes_max = most},
      {.entries_max = most, .bytes_max = most, .shards = most, .client_entry_bytes_max = most},
      {.bounds = {.template_bytes_max = most,
                  .pattern_memory_bytes_max = most,
                  .replace_bytes_max = most,
                  .filter_bytes_max = most,
                  .output_bytes_max = most}},
  };
  for (const template_cache::options& chosen : rows) {
    template_cache cache(chosen);
    for (int round = 0; round < 2; ++round) {
      template_cache::client client(cache);
      for (std::size_t number = 0; number < 500; ++number) {
        ASSERT_EQ(client.get(text_of(number)).value()->source(), text_of(number));
      }
    }
    EXPECT_EQ(cache.read().entries, 500U);
    EXPECT_EQ(cache.read().hits, 500U);
  }
}

TEST(cache, rounds_the_entries_of_a_client_up) {
  std::uint64_t hits = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    template_cache cache({.bytes_max = 0, .client_entries = 5, .hash_seed = seed});
    template_cache::client client(cache);
    for (int round = 0; round < 2; ++round) {
      for (std::size_t number = 0; number < 5; ++number) {
        static_cast<void>(client.get(text_of(number)));
      }
    }
    hits += cache.read().hits;
  }
  EXPECT_GT(hits, 50U);  // In turn through one set of four, they would miss each other.
}

TEST(cache, does_not_keep_one_text_that_is_too_large) {
  template_cache cache({.bytes_max = 10'000, .shards = 1});
  template_cache::client client(cache);
  const std::string large(20'000, 'x');
  EXPECT_EQ(client.get(large).value()->source(), large);
  EXPECT_EQ(cache.read().entries, 0U);
  EXPECT_EQ(client.get(large).value()->source(), large);  // Out of the client's own.
  EXPECT_EQ(cache.read().misses, 1U);
}

// Texts that are used again and again stay, however many pass that are used once.
TEST(cache, survives_a_scan) {
  template_cache cache({.entries_max = 200, .shards = 1, .client_entries = 4});
  template_cache::client client(cache);
  constexpr std::size_t hot = 50;
  const auto use_hot = [&] {
    for (std::size_t number = 0; number < hot; ++number) {
      static_cast<void>(client.get(text_of(number)));
    }
  };
  for (int round = 0; round < 3; ++round) {
    use_hot();
  }
  for (std::size_t number = 1'000; number < 11'000; ++number) {
    static_cast<void>(client.get(text_of(number)));
  }
  const auto before = cache.read();
  use_hot();
  EXPECT_EQ(cache.read().misses, before.misses);
  EXPECT_EQ(cache.read().hits, before.hits + hot);
}

// A text that comes back soon after it left is taken for one that is used again.
TEST(cache, remembers_what_it_let_go_too_soon) {
  template_cache cache({.entries_max = 100, .shards = 1, .client_entries = 4});
  template_cache::client client(cache);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t number = 0; number < 150; ++number) {
      static_cast<void>(client.get(text_of(number)));
    }
  }
  for (std::size_t number = 1'000; number < 1'050; ++number) {
    static_cast<void>(client.get(text_of(number)));
  }
  const auto before = cache.read();
  for (std::size_t number = 100; number < 150; ++number) {
    static_cast<void>(client.get(text_of(number)));
  }
  EXPECT_GT(cache.read().hits - before.hits, 25U);
}

// It remembers no more texts that it let go than it keeps, however many it may keep.
TEST(cache, forgets_what_it_let_go_long_ago) {
  template_cache cache(
      {.entries_max = 1'000'000, .bytes_max = 10'000, .shards = 1, .client_entries = 4});
  template_cache::client client(cache);
  const auto look_up = [&](std::size_t from, std::size_t to) {
    for (std::size_t number = from; number < to; ++number) {
      static_cast<void>(client.get(text_of(number)));
    }
  };
  look_up(0, 200);
  ASSERT_LT(cache.read().entries, 50U);
  look_up(0, 1);
  look_up(1'000, 1'100);
  const auto before = cache.read();
  look_up(0, 1);
  EXPECT_EQ(cache.read().misses, before.misses + 1);
}

// What a client returned may be part of what it is asked next.
TEST(cache, takes_texts_that_are_its_own) {
  for (const std::size_t client_entry_bytes_max : {std::size_t{0}, std::size_t{16} << 10U}) {
    template_cache cache({.entries_max = 1,
                          .shards = 1,
                          .client_entries = 4,
                          .client_entry_bytes_max = client_entry_bytes_max});
    template_cache::client client(cache);
    const std::string text = "{{a}} and " + std::string(50, 'x');
    std::string_view rest = (*client.get(text))->source();
    for (std::size_t size = text.size(); size >= 5; --size) {
      rest = client.get(rest.substr(0, size)).value()->source();
      ASSERT_EQ(rest, text.substr(0, size));
    }
  }
}

TEST(cache, leaves_copies_alone) {
  template_cache cache({.entries_max = 1, .shards = 1, .client_entries = 4});
  template_cache::client client(cache);
  const compiled_template kept = *client.get("kept {{a}}").value();
  for (std::size_t number = 0; number < 100; ++number) {
    static_cast<void>(client.get(text_of(number)));
  }
  EXPECT_EQ(kept.source(), "kept {{a}}");
}

TEST(cache, serves_many_threads) {
  template_cache cache({.entries_max = 64, .shards = 4, .client_entries = 16});
  constexpr unsigned threads = 8;
  constexpr std::size_t lookups = 5'000;
  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> running;
  for (unsigned thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      template_cache::client client(cache);
      fixtures::random source(thread);
      for (std::size_t done = 0; done < lookups; ++done) {
        const std::string text = text_of(source.below(done % 4 == 0 ? 1'000 : 20));
        const auto found = client.get(text);
        wrong += found && (*found)->source() == text ? 0U : 1U;
      }
    });
  }
  while (cache.read().hits + cache.read().misses < threads * lookups / 2) {
    std::this_thread::yield();
  }
  for (std::thread& each : running) {
    each.join();
  }
  EXPECT_EQ(wrong, 0U);
  const auto counted = cache.read();
  EXPECT_EQ(counted.hits + counted.misses, threads * lookups);
  EXPECT_LE(counted.entries, 64U);
}

}  // namespace
}  // namespace engine::templating
