// Fingerprints of names that hold against whoever makes the names, short of knowing the keys.
//
// A name is read as words of at most 7 bytes, which are numbers of the field of p = 2^61 - 1, four
// of them a block. A block w is worth (w0 + k0)(w1 + k1) + (w2 + k2)(w3 + k3): Winograd's
// pseudo-dot-product as a hash (D. J. Bernstein, "Polynomial evaluation and message
// authentication", 2007; M. Nandi, "On the minimum number of multiplications necessary for
// universal hash functions", FSE 2014; NH of UMAC, Black et al., CRYPTO 1999, is the same in
// another ring). A name of at most 28 bytes is one block, and each length has a k3 of its own. A
// longer one is the value of the polynomial with the coefficients length, block, block, … at the
// point k4 (Carter and Wegman, "New hash functions and their use in authentication and set
// equality", 1981). Words overlap, but with the length they determine the name. A fingerprint is a
// number of 64 bits that is congruent modulo p to the value or, where the last addition has
// wrapped, to 8 less.
//
// Bound: let two names differ, and have at most b blocks each. For every d, their fingerprints
// differ by d under at most a share of 3(b + 1) / 2^60 of all keys: 6 / 2^60 for names of up to 28
// bytes, 33 / 2^60 up to 255. Proof, for each of the three differences of values that d may stand
// for. Two blocks under the same keys that differ, say in w0, differ by what is linear in k1 and
// not constant, so at most one of the 2^60 values of k1 makes it any given number. Those of names
// of different lengths differ by what is linear in one of the two k3 and not constant, unless w2 +
// k2 is 0, which one value of k2 makes it. Where a name has more blocks than one, the values differ
// by a polynomial in k4 that is not zero, but for the first case, since lengths or blocks differ;
// its degree is at most b, and it has no more roots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace engine::dag::internal {

inline constexpr std::size_t block_bytes = 28;
inline constexpr std::size_t common_bytes_min = 10;

/// Independent numbers below 2^60.
struct hash_keys {
  std::array<std::uint64_t, 3> word;                ///< k0 to k2
  std::array<std::uint64_t, block_bytes + 1> last;  ///< k3 by length
  std::uint64_t point;                              ///< k4
};

/// Where keys come from: the system's random numbers, or a seed that gives the same ones each time.
class key_source {
 public:
  /// `seed`: 0 for the system's.
  explicit key_source(std::uint64_t seed) : seed_(seed), is_fixed_(seed != 0) {}

  /// Fresh keys. Throws std::runtime_error if the system has no random numbers.
  [[nodiscard]] hash_keys draw();

 private:
  std::uint64_t seed_;
  bool is_fixed_;
};

inline std::uint64_t load_word(const void* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline void store_word(void* to, std::uint64_t word) { std::memcpy(to, &word, sizeof word); }

__extension__ using wide_word = unsigned __int128;
using block_words = std::array<std::uint64_t, 4>;

inline constexpr std::uint64_t seven_bytes = (std::uint64_t{1} << 56) - 1;

/// What a block of `size` bytes is worth: below 3 * 2^120.
inline wide_word block_value(const block_words& words, std::size_t size, const hash_keys& keys) {
  return wide_word{words[0] + keys.word[0]} * (words[1] + keys.word[1]) +
         wide_word{words[2] + keys.word[2]} * (words[3] + keys.last[size]);
}

/// The words of common_bytes_min to block_bytes bytes: the first 7, the last 7, and 7 each that
/// begin or end (size + 1) / 4 from there, so that they reach each other. Reads nothing else.
inline block_words words_of(const char* front, std::size_t size) {
  const char* const back = front + size - 8;
  const std::size_t inner = (size + 1) / 4;
  return {load_word(front) & seven_bytes, load_word(front + inner - 1) >> 8,
          load_word(back - inner) >> 8, load_word(back) >> 8};
}

/// The fingerprint of a name of one block.
inline std::uint64_t fingerprint_of(wide_word value) {
  // 2^64 is 8 modulo p.
  return static_cast<std::uint64_t>(value) + 8 * static_cast<std::uint64_t>(value >> 64);
}

inline bool is_common(std::string_view name) {
  return name.size() - common_bytes_min <= block_bytes - common_bytes_min;
}

/// The fingerprint of a name that is common.
inline std::uint64_t hash_common(std::string_view name, const hash_keys& keys) {
  const std::size_t size = name.size();
  return fingerprint_of(block_value(words_of(name.data(), size), size, keys));
}

/// The same for shorter and longer names.
std::uint64_t hash_uncommon(std::string_view name, const hash_keys& keys);

inline std::uint64_t hash(std::string_view name, const hash_keys& keys) {
  return is_common(name) ? hash_common(name, keys) : hash_uncommon(name, keys);
}

}  // namespace engine::dag::internal
