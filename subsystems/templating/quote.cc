#include "subsystems/templating/quote.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace engine::templating {
namespace {

constexpr std::size_t excerpt_bytes_max = 60;

struct byte_range {
  unsigned char first;
  unsigned char last;

  [[nodiscard]] bool holds(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
  }
};

constexpr byte_range continuation = {0x80, 0xBF};

// A row of the table of well-formed sequences (Unicode, table 3-7): the bytes behind `second` are
// any continuation.
struct sequence {
  byte_range lead;
  byte_range second;
  std::size_t bytes;
};

constexpr sequence sequences[] = {
    {{0xC2, 0xDF}, {0x80, 0xBF}, 2}, {{0xE0, 0xE0}, {0xA0, 0xBF}, 3},
    {{0xE1, 0xEC}, {0x80, 0xBF}, 3}, {{0xED, 0xED}, {0x80, 0x9F}, 3},
    {{0xEE, 0xEF}, {0x80, 0xBF}, 3}, {{0xF0, 0xF0}, {0x90, 0xBF}, 4},
    {{0xF1, 0xF3}, {0x80, 0xBF}, 4}, {{0xF4, 0xF4}, {0x80, 0x8F}, 4},
};

bool is_control(char c) { return byte_range{0x00, 0x1F}.holds(c) || c == 0x7F; }

}  // namespace

std::size_t character_bytes(std::string_view text) {
  if (text.empty() || byte_range{0x00, 0x7F}.holds(text.front())) {
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

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) {
      return false;
    }
    text.remove_prefix(bytes);
  }
  return true;
}

std::string excerpt(std::string_view text) {
  std::string shown;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = character_bytes(text.substr(at));
    const std::size_t end = at + std::max<std::size_t>(bytes, 1);
    if (end > excerpt_bytes_max) {
      return shown + "…";
    }
    if (bytes == 0 || is_control(text[at])) {
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", static_cast<unsigned char>(text[at]));
    } else {
      shown.append(text.substr(at, bytes));
    }
    at = end;
  }
  return shown;
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", excerpt(text)); }

std::string did_you_mean(std::string_view nearest) {
  return nearest.empty() ? std::string() : fmt::format("; did you mean {}?", in_quotes(nearest));
}

}  // namespace engine::templating
