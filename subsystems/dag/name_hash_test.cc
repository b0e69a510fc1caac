#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/dag/name_hash_internal.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag::internal {
namespace {

constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;

// Where the processor's arithmetic may have wrapped once, the fingerprint is 8 less.
bool stands_for(std::uint64_t fingerprint, std::uint64_t value) {
  const std::uint64_t found = fingerprint % prime;
  return found == value || (found + 8) % prime == value;
}

TEST(name_hash, is_the_published_polynomial) {
  hash_keys keys = {.word = {0x123456789abcdef, 0xfedcba987654321, 0x0f1e2d3c4b5a697},
                    .last = {},
                    .point = 0xabcdef012345678};
  for (std::size_t length = 0; length < keys.last.size(); ++length) {
    keys.last[length] = 0x796a5b4c3d2e1f0 + 0x10101010101 * length;
  }
  struct row {
    std::string name;
    std::uint64_t value;
  };
  // By Python's integers, which have no width.
  const row rows[] = {
      {"", 0x2ebd633750c6b0},
      {"a", 0x18bbde9816953f2f},
      {"load", 0x126c778df85c2f9f},
      {"extract", 0x168c75bb5db12300},
      {"validate", 0x1f6cc90b9f79c50b},
      {"transform", 0x181745e05a0cd312},
      {"load-orders-1", 0xc526c4f28aaa1},
      {"transform-orders-17", 0xf271281d81d655d},
      {"snapshot-containers-1234567", 0x7751b5bf8224645},
      {"snapshot-containers-12345678", 0xc6e268fc3be0847},
      {"snapshot-containers-123456789", 0x176db3da73f8e027},
      {std::string(56, 'z'), 0x13216489e5c5b766},
      {std::string(57, 'z'), 0x16dc2a44dd3b5067},
      {"x" + std::string(35, 'z'), 0x1752f0a066bdabbc},
      {"y" + std::string(36, 'z'), 0x1df9ad036c405f53},
      {std::string(255, '\xff'), 0x1815c61865d5e203},
      {std::string(28, '\xff'), 0x79ed77c8d7bb8f},
      {std::string(28, '\0'), 0xa36d57fd0dfc393},
      {std::string(300, 'n'), 0xebd941ef6487039},
  };
  for (const auto& [name, value] : rows) {
    EXPECT_TRUE(stands_for(hash(name, keys), value)) << name.size() << " bytes: " << name;
  }
}

TEST(name_hash, reads_nothing_beyond_the_name) {
  const hash_keys keys = key_source(1).draw();
  for (std::size_t size = 0; size <= 300; ++size) {
    // Of their own size, so that a sanitizer sees a read past either end.
    const std::vector<char> name(size, 'n');
    const std::string between = 'a' + std::string(size, 'n') + 'b';
    EXPECT_EQ(hash({name.data(), size}, keys), hash({between.data() + 1, size}, keys)) << size;
  }
}

TEST(name_hash, has_keys_of_sixty_bits_that_repeat_under_a_seed_alone) {
  key_source one(1);
  key_source again(1);
  key_source other(2);
  key_source system(0);
  std::set<std::uint64_t> seen;
  for (int draw = 0; draw < 50; ++draw) {
    const hash_keys keys = one.draw();
    EXPECT_EQ(keys.word, again.draw().word);
    for (const hash_keys& each : {keys, other.draw(), system.draw()}) {
      for (const std::uint64_t key :
           {each.word[0], each.word[1], each.word[2], each.last[0], each.last[28], each.point}) {
        EXPECT_LT(key, std::uint64_t{1} << 60);
        EXPECT_TRUE(seen.insert(key).second);
      }
    }
  }
}

// A pattern that repeats: the words of a block are alike, and so are the blocks.
std::string periodic(std::string_view period, std::size_t bytes) {
  std::string made;
  while (made.size() < bytes) {
    made.append(period);
  }
  made.resize(bytes);
  return made;
}

// Names made to be alike, all different.
std::vector<std::string> similar_names() {
  std::set<std::string> names;
  for (const std::string_view period :
       {"z", "zy", "abc", "\xff", "1234567", "12345678", "abcdefghijklmn"}) {
    for (std::size_t bytes = 0; bytes <= 120; ++bytes) {
      const std::string rest = periodic(period, bytes);
      names.insert(rest);
      for (const char first : {'w', 'x', 'y', '\x01', '\x03'}) {
        names.insert(first + rest);
        names.insert(rest + first);
      }
      for (std::size_t bit = 0; bit < 8 * bytes; bit += 13) {
        std::string changed = rest;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        names.insert(changed);
      }
    }
  }
  names.insert(std::string(1, '\0'));
  names.insert(std::string(2, '\0'));
  return {names.begin(), names.end()};
}

TEST(name_hash, tells_similar_names_apart_under_every_key) {
  const std::vector<std::string> names = similar_names();
  ASSERT_GT(names.size(), 30'000U);
  std::vector<std::uint64_t> hashes(names.size());
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const hash_keys keys = key_source(seed).draw();
    std::transform(names.begin(), names.end(), hashes.begin(),
                   [&keys](const std::string& name) { return hash(name, keys); });
    std::sort(hashes.begin(), hashes.end());
    EXPECT_EQ(std::adjacent_find(hashes.begin(), hashes.end()), hashes.end()) << "seed " << seed;
  }
}

// Former bug: with x before and y before one more z, both of them were one name under every key.
TEST(name_hash, tells_names_of_different_lengths_apart) {
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const hash_keys keys = key_source(seed).draw();
    std::set<std::uint64_t> seen;
    for (std::size_t bytes = 0; bytes <= 100; ++bytes) {
      for (const char first : {'x', 'y', 'z'}) {
        const std::string name = first + std::string(bytes, 'z');
        EXPECT_TRUE(seen.insert(hash(name, keys)).second) << name << ", seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace engine::dag::internal
