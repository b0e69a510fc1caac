#include "subsystems/support/utf8.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace engine::support {
namespace {

struct byte_range {
  unsigned char first;
  unsigned char last;

  [[nodiscard]] bool holds(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
  }
};

constexpr byte_range ascii = {0x00, 0x7F};
constexpr byte_range continuation = {0x80, 0xBF};

// A row of the standard's table: the bytes behind `second` are any continuation.
struct sequence {
  byte_range lead;
  byte_range second;
  std::size_t bytes;
};

constexpr std::array<sequence, 8> sequences = {{
    {{0xC2, 0xDF}, {0x80, 0xBF}, 2},
    {{0xE0, 0xE0}, {0xA0, 0xBF}, 3},
    {{0xE1, 0xEC}, {0x80, 0xBF}, 3},
    {{0xED, 0xED}, {0x80, 0x9F}, 3},
    {{0xEE, 0xEF}, {0x80, 0xBF}, 3},
    {{0xF0, 0xF0}, {0x90, 0xBF}, 4},
    {{0xF1, 0xF3}, {0x80, 0xBF}, 4},
    {{0xF4, 0xF4}, {0x80, 0x8F}, 4},
}};

std::size_t ascii_bytes(std::string_view text) {
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & 0x8080808080808080) != 0) {
      break;
    }
  }
  return at;
}

}  // namespace

std::size_t character_bytes(std::string_view text) {
  if (text.empty() || ascii.holds(text.front())) {
    return text.empty() ? 0 : 1;
  }
  for (const sequence& form : sequences) {
    if (form.lead.holds(text.front())) {
      const std::string_view character = text.substr(0, form.bytes);
      const bool well_formed = character.size() == form.bytes && form.second.holds(character[1]) &&
                               std::all_of(character.begin() + 2, character.end(),
                                           [](char c) { return continuation.holds(c); });
      return well_formed ? form.bytes : 0;
    }
  }
  return 0;
}

char32_t code_point(std::string_view text) {
  const std::size_t bytes = character_bytes(text);
  assert(bytes > 0);
  const auto lead = static_cast<unsigned char>(text.front());
  char32_t value = bytes == 1 ? lead : lead & (0xFFU >> (bytes + 1));
  for (const char each : text.substr(1, bytes - 1)) {
    value = (value << 6U) | (static_cast<unsigned char>(each) & 0x3FU);
  }
  return value;
}

bool is_utf8(std::string_view text) {
  text.remove_prefix(ascii_bytes(text));
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) {
      return false;
    }
    text.remove_prefix(bytes);
    if (bytes == 1) {
      text.remove_prefix(ascii_bytes(text));
    }
  }
  return true;
}

}  // namespace engine::support
