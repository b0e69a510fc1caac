// Texts of one hash, for tests: what somebody could make who knows the seed.
//
// XXH3 of 64 bytes adds up products of 16 bytes each. Where the first 8 of them make one factor
// nought, the other 8 may be anything.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::hostile {

/// The same hash for every `number` below 2^32. Of 64 bytes, the first and last of which are
/// `head` and `tail`; between them stand 8 bytes that may be any. REQUIRES: they have 16 bytes at
/// most each.
[[nodiscard]] inline std::string colliding_text(std::string_view head, std::uint32_t number,
                                                std::string_view tail, std::uint64_t seed) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::size_t secret_of_second_block = 32;
  std::string text(64, 'x');
  text.replace(0, head.size(), head);
  text.replace(text.size() - tail.size(), tail.size(), tail);
  std::uint64_t word = 0;
  std::memcpy(&word, XXH3_kSecret + secret_of_second_block, sizeof word);
  word += seed;
  std::memcpy(text.data() + 16, &word, sizeof word);
  for (std::size_t digit = 0; digit < 8; ++digit, number >>= 4U) {
    text[24 + digit] = static_cast<char>('a' + (number & 15U));
  }
  return text;
}

/// `key` as a step of a path.
[[nodiscard]] inline std::string in_brackets(std::string_view key) {
  std::string step = "['";
  for (const char each : key) {
    step += each == '\'' || each == '"' || each == '\\' ? "\\" : "";
    step += each;
  }
  return step + "']";
}

}  // namespace engine::templating::hostile
