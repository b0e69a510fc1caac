#include <algorithm>
#include <random>

#include "subsystems/dag/name_hash_internal.h"

namespace engine::dag::internal {
namespace {

constexpr std::uint64_t key_bits = 60;

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

std::uint64_t load_half_word(const char* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The words of a name that is shorter than common ones: its first and its last bytes.
block_words short_words(std::string_view name) {
  const char* const front = name.data();
  const std::size_t size = name.size();
  if (size >= 8) {
    return {load_word(front) & seven_bytes, load_word(front + size - 8) >> 8, 0, 0};
  }
  if (size >= 4) {
    return {load_half_word(front), load_half_word(front + size - 4), 0, 0};
  }
  const auto byte = [front](std::size_t at) { return static_cast<unsigned char>(front[at]); };
  if (size > 0) {
    return {byte(0), std::uint64_t{byte(size / 2)} << 8 | byte(size - 1), 0, 0};
  }
  return {};
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
    return fingerprint_of(block_value(short_words(name), size, keys));
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
