// Where a list goes on: an opaque text that a client hands back.
//
// It holds the key of the last row and a number that stands for the list (tenant and filter), so
// that a cursor of another list is told from one of this. The checksum finds damage, not malice: as
// every query names its tenant, whoever makes up a cursor only begins elsewhere in his own list.
// base64url without padding; one text for one cursor. Values; cost: some 100 ns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

struct cursor {
  /// A hash of what is listed.
  std::uint64_t list = 0;
  /// Of the last row of the page before.
  std::string key = {};

  static constexpr std::size_t key_bytes_max = 256;

  friend bool operator==(const cursor&, const cursor&) = default;
};

/// REQUIRES: the key is not longer than key_bytes_max.
[[nodiscard]] std::string text_of(const cursor& written);

/// errc::bad_cursor for whatever text_of() does not write.
[[nodiscard]] result<cursor> parse_cursor(std::string_view text);
/// The key; errc::bad_cursor also if it is a cursor of another list.
[[nodiscard]] result<std::string> parse_cursor_of(std::uint64_t list, std::string_view text);

/// FNV-1a (Fowler, Noll and Vo), 64 bits; `seed` joins pieces.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view bytes,
                                              std::uint64_t seed = 0xcbf29ce484222325) {
  for (const char byte : bytes) {
    seed = (seed ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  }
  return seed;
}

}  // namespace engine::postgres
