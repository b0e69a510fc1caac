#include "subsystems/postgres/cursor.h"

#include <array>
#include <cassert>
#include <optional>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

constexpr char version = 1;
constexpr std::size_t list_bytes = 8;
constexpr std::size_t check_bytes = 4;
constexpr std::size_t overhead_bytes = 1 + list_bytes + check_bytes;
constexpr std::size_t text_length_max = (cursor::key_bytes_max + overhead_bytes) * 4 / 3 + 1;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t at = 0; at < alphabet.size(); ++at) {
    values[static_cast<std::uint8_t>(alphabet[at])] = static_cast<std::int8_t>(at);
  }
  return values;
}

std::string encode(std::string_view bytes) {
  std::string text;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char byte : bytes) {
    held = (held << 8) | static_cast<std::uint8_t>(byte);
    for (bits += 8; bits >= 6; bits -= 6) {
      text += alphabet[(held >> (bits - 6)) & 63];
    }
  }
  if (bits > 0) {
    text += alphabet[(held << (6 - bits)) & 63];
  }
  return text;
}

// Strict: what is left of the last character must be zero, so that no two texts say the same.
std::optional<std::string> decode(std::string_view text) {
  static constexpr std::array<std::int8_t, 256> values = make_values();
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char character : text) {
    const std::int8_t value = values[static_cast<std::uint8_t>(character)];
    if (value < 0) {
      return std::nullopt;
    }
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((held >> bits) & 0xff);
    }
  }
  const bool clean = bits < 6 && (held & ((1U << bits) - 1)) == 0;
  return clean ? std::optional(bytes) : std::nullopt;
}

template <std::size_t Bytes>
void append_number(std::string& to, std::uint64_t number) {
  for (std::size_t at = 0; at < Bytes; ++at) {
    to += static_cast<char>((number >> (8 * at)) & 0xff);
  }
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    number |= std::uint64_t{static_cast<std::uint8_t>(bytes[at])} << (8 * at);
  }
  return number;
}

std::uint64_t check_of(std::string_view bytes) {
  const std::uint64_t hash = hash_of(bytes);
  return (hash ^ (hash >> 32)) & 0xffffffff;
}

}  // namespace

std::string text_of(const cursor& written) {
  assert(written.key.size() <= cursor::key_bytes_max);
  std::string bytes(1, version);
  append_number<list_bytes>(bytes, written.list);
  bytes += written.key;
  append_number<check_bytes>(bytes, check_of(bytes));
  return encode(bytes);
}

result<cursor> parse_cursor(std::string_view text) {
  const std::optional<std::string> decoded =
      text.size() <= text_length_max ? decode(text) : std::nullopt;
  if (!decoded || decoded->size() < overhead_bytes || decoded->front() != version ||
      decoded->size() - overhead_bytes > cursor::key_bytes_max) {
    return error{errc::bad_cursor, fmt::format("{} is not a cursor", support::in_quotes(text))};
  }
  const std::string_view bytes(*decoded);
  const std::string_view checked = bytes.substr(0, bytes.size() - check_bytes);
  if (number_in(bytes.substr(checked.size())) != check_of(checked)) {
    return error{errc::bad_cursor,
                 fmt::format("the cursor {} is damaged", support::in_quotes(text))};
  }
  return cursor{number_in(checked.substr(1, list_bytes)),
                std::string(checked.substr(1 + list_bytes))};
}

result<std::string> parse_cursor_of(std::uint64_t list, std::string_view text) {
  result<cursor> parsed = parse_cursor(text);
  if (!parsed) {
    return parsed.error();
  }
  if (parsed->list != list) {
    return error{errc::bad_cursor,
                 fmt::format("the cursor {} belongs to another list: tenant and filter must be "
                             "those of the page that it came with",
                             support::in_quotes(text))};
  }
  return std::move(parsed->key);
}

}  // namespace engine::postgres
