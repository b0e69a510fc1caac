// A hash of a text: XXH3, which reads short ones in a few cycles. Always seeded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL  // NOLINT(cppcoreguidelines-macro-usage): how the library is told so.
#include <xxhash.h>

namespace engine::templating::internal {

/// Without knowing `seed`, no one can choose texts that collide.
[[nodiscard]] inline std::uint64_t text_hash(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

[[nodiscard]] std::uint64_t drawn_seed();
/// Drawn when the process starts; fix_hash_seed() may change it before it is used.
inline std::uint64_t process_seed = drawn_seed();

[[nodiscard]] inline std::uint64_t text_hash(std::string_view text) {
  return text_hash(text, process_seed);
}

struct text_hasher {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view text) const { return text_hash(text); }
};

}  // namespace engine::templating::internal
