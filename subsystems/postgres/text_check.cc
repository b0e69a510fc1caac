#include "subsystems/postgres/text_check.h"

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace engine::postgres {
namespace {

/// Bytes of the character that begins here, 0 if it is none. RFC 3629, the table of its section 4.
std::size_t character_bytes(const unsigned char* at, std::size_t left) {
  const unsigned char lead = at[0];
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead < 0xc2   ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > left) {
    return 0;
  }
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high) {
    return 0;
  }
  for (std::size_t next = 2; next < length; ++next) {
    if ((at[next] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  while (left > 0) {
    std::uint64_t word = 0;
    if (left >= sizeof word) {
      std::memcpy(&word, at, sizeof word);
      if ((word & 0x8080808080808080) == 0) {
        at += sizeof word;
        left -= sizeof word;
        continue;
      }
    }
    const std::size_t length = character_bytes(at, left);
    if (length == 0) {
      return false;
    }
    at += length;
    left -= length;
  }
  return true;
}

result<void> check_text(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return error{errc::bad_input,
                 fmt::format("{} has {} bytes, {} are the most", what, text.size(), bytes_max)};
  }
  if (text.find('\0') != std::string_view::npos) {
    return error{errc::bad_input,
                 fmt::format("{} has a zero byte at offset {}", what, text.find('\0'))};
  }
  if (!is_utf8(text)) {
    return error{errc::bad_input, fmt::format("{} is not UTF-8", what)};
  }
  return {};
}

result<void> check_name(std::string_view what, std::string_view name) {
  if (name.empty()) {
    return error{errc::bad_input, fmt::format("{} is empty", what)};
  }
  return check_text(what, name, name_bytes_max);
}

}  // namespace engine::postgres
