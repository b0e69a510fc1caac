// A hash of a text: XXH3, which reads short ones in a few cycles. Always seeded.
//
// A hash never decides what a text is. Wherever one finds something, the bytes are compared too;
// by the hash alone, the cache only chooses the queue in which a template waits.
//
// It may make things slow, though, and there is no proof for XXH3 that nobody finds texts of equal
// hashes. The seed has 64 bits from the system, and is secret from whoever writes names and
// templates; not from those who can read this process's memory, who choose the seed, or who can
// time so many look-ups that collisions show. So whatever collides costs a bounded number of looks
// each time, and n texts cost O(n) however they are chosen: a path is then looked up in its
// documents each time (path_memory), a value of a template has several slots (slot_table), a
// template is compiled each time (template_cache), and documents of one hash are told apart in
// O(log of them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL  // NOLINT(cppcoreguidelines-macro-usage): how the library is told so.
#include <xxhash.h>

namespace engine::templating::internal {

[[nodiscard]] inline std::uint64_t text_hash(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

[[nodiscard]] std::uint64_t drawn_seed();

/// Not to be read before settle_seed(). No constructor runs for it, so that it cannot change behind
/// a global that was made earlier.
inline constinit std::uint64_t process_seed = 0;

/// Draws the seed of this process unless there is one. Whatever keeps hashes calls it when it is
/// made; so those who hash later need not look whether there is one. Thread-safe.
void settle_seed();

/// REQUIRES: settle_seed() was called.
[[nodiscard]] inline std::uint64_t text_hash(std::string_view text) {
  return text_hash(text, process_seed);
}

/// Places that an open-addressing table looks at before it gives up. Where no more than half are
/// taken, one of 200,000 texts needs as many by chance.
inline constexpr std::size_t probes_max = 64;

}  // namespace engine::templating::internal
