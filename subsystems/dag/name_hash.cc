#include <algorithm>
#include <random>

#include "subsystems/dag/name_hash_internal.h"

namespace engine::dag::internal {
namespace {

constexpr std::uint64_t key_bits = 60;
constexpr std::size_t word_bytes = 7;

std::uint64_t next_word(std::uint64_t& state) {  // splitmix64 (Steele, Lea and Flood, 2014)
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

template <class NextWord>
hash_keys make_keys(NextWord next) {
  const auto next_key = [&next] { return next() >> (64 - key_bits); };
  hash_keys keys;
  std::generate(keys.word.begin(), keys.word.end(), next_key);
  std::generate(keys.last.begin(), keys.last.end(), next_key);
  keys.point = next_key();
  return keys;
}

// Up to 7 bytes.
std::uint64_t short_word(const char* from, std::size_t size) {
  std::uint64_t word = 0;
  if (size > 0) {
    std::memcpy(&word, from, size);
  }
  return word;
}

// A number congruent to `value` modulo p: below value / 2^61 + 2^61.
std::uint64_t reduce(wide_word value) {
  constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;
  return (static_cast<std::uint64_t>(value) & prime) + static_cast<std::uint64_t>(value >> 61);
}

}  // namespace

hash_keys key_source::draw() {
  if (is_fixed_) {
    return make_keys([this] { return next_word(seed_); });
  }
  std::random_device device;
  return make_keys([&device] { return std::uint64_t{device()} << 32 | device(); });
}

std::uint64_t hash_uncommon(std::string_view name, const hash_keys& keys) {
  const std::size_t size = name.size();
  if (size < common_bytes_min) {
    // Below 8 bytes both words are all of them.
    const std::size_t bytes = std::min(size, word_bytes);
    const block_words words = {short_word(name.data(), bytes),
                               short_word(name.data() + size - bytes, bytes), 0, 0};
    return fingerprint_of(block_value(words, size, keys));
  }
  // Horner's rule. Values stay below 7 * 2^60, as (7 * 2^120 + 3 * 2^120) / 2^61 + 2^61 does.
  std::uint64_t value = size;
  const auto absorb = [&](const char* block) {
    value = reduce(wide_word{value} * keys.point +
                   block_value(words_of(block, block_bytes), block_bytes, keys));
  };
  for (std::size_t at = 0; at + block_bytes < size; at += block_bytes) {
    absorb(name.data() + at);
  }
  absorb(name.data() + size - block_bytes);  // The last block overlaps the one before.
  return value;
}

}  // namespace engine::dag::internal
