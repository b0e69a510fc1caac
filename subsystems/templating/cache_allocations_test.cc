// Caches whose allocations fail, each in turn: what they hold is found then, and they go on.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/allocations.h"
#include "subsystems/templating/cache.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/shared_cache_internal.h"

namespace engine::templating {
namespace {

using fixtures::fail_each_allocation;

std::string cached_text(std::size_t number) { return fmt::format("text {} {{{{ a.b }}}}", number); }

TEST(cache_allocations, fail_in_a_client) {
  const std::uint64_t failed = fail_each_allocation([](const auto& failure) {
    std::unique_ptr<template_cache> cache;
    std::unique_ptr<template_cache::client> client;
    failure([&] {
      cache = std::make_unique<template_cache>(template_cache::options{
          .entries_max = 8, .shards = 2, .client_entries = 4, .client_entry_bytes_max = 800});
      client = std::make_unique<template_cache::client>(*cache);
      for (std::size_t number = 0; number < 60; ++number) {
        static_cast<void>(client->get(cached_text(number % 2 == 0 ? number : number % 6)));
      }
    });
    if (client == nullptr) {
      return;
    }
    for (std::size_t number = 0; number < 100; ++number) {
      ASSERT_EQ(client->get(cached_text(number % 20)).value()->source(), cached_text(number % 20));
      ASSERT_LE(cache->read().entries, 8U);
    }
    client.reset();
    ASSERT_GE(cache->read().hits + cache->read().misses, 100U);
  });
  EXPECT_GT(failed, 100U);
}

TEST(cache_allocations, fail_in_a_shard) {
  std::vector<compiled_template> compiled;
  for (std::size_t number = 0; number < 600; ++number) {
    compiled.push_back(compile(cached_text(number)).value());
  }
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    std::vector<internal::cache_shard::pointer> made;
    made.reserve(compiled.size());
    for (const compiled_template& each : compiled) {
      made.push_back(std::make_shared<internal::cached_template>(each, made.size()));
    }
    internal::cache_shard shard;
    shard.set_bounds(100, 1'000'000);
    failure([&] {
      for (std::size_t number = 0; number < 300; ++number) {
        shard.add(made[number]);
      }
    });
    template_cache::statistics counted;
    shard.add_to(counted);
    ASSERT_LE(counted.entries, 100U);
    std::size_t entries = 0;
    std::size_t bytes = 0;
    for (std::size_t number = 0; number < 300; ++number) {
      const auto found = shard.find(number, made[number]->text);
      entries += found == nullptr ? 0U : 1U;
      bytes += found == nullptr ? 0 : found->bytes;
    }
    ASSERT_EQ(entries, counted.entries);
    ASSERT_EQ(bytes, counted.bytes);
    for (std::size_t number = 300; number < made.size(); ++number) {  // Evicts all of them.
      ASSERT_EQ(shard.add(made[number]), made[number]);
      ASSERT_EQ(shard.find(number, made[number]->text), made[number]);
    }
  });
  EXPECT_GT(failed, 10U);
}

}  // namespace
}  // namespace engine::templating
