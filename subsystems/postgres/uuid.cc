#include "subsystems/postgres/uuid.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

std::uint64_t load_big_endian(const std::uint8_t* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return __builtin_bswap64(word);
}

void store_big_endian(std::uint8_t* to, std::uint64_t word) {
  word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof word);
}

constexpr std::uint64_t version_7 = 0x7000;
constexpr std::uint64_t variant = std::uint64_t{1} << 63;

uuid assemble(std::uint64_t milliseconds, std::uint64_t fraction, std::uint64_t low) {
  uuid made;
  store_big_endian(made.bytes.data(), (milliseconds << 16) | version_7 | (fraction & 0xfff));
  store_big_endian(made.bytes.data() + 8, (low >> 2) | variant);
  return made;
}

/// splitmix64 (Steele, Lea and Flood, 2014), seeded by the system for each thread.
std::uint64_t random_bits() {
  thread_local std::uint64_t state = [] {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
  }();
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

int digit_of(char character) {
  if (character >= '0' && character <= '9') {
    return character - '0';
  }
  const char lower = static_cast<char>(character | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr std::size_t text_length = 36;

constexpr bool is_hyphen(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace

time_point now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string uuid::text() const {
  constexpr char digits[] = "0123456789abcdef";
  std::string written(text_length, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    at += is_hyphen(at) ? 1U : 0U;
    written[at] = digits[byte >> 4];
    written[at + 1] = digits[byte & 15];
    at += 2;
  }
  return written;
}

time_point uuid::time() const {
  return time_point(std::chrono::milliseconds(load_big_endian(bytes.data()) >> 16));
}

result<uuid> parse_uuid(std::string_view text) {
  uuid parsed;
  std::size_t digits = 0;
  for (std::size_t at = 0; text.size() == text_length && at < text_length; ++at) {
    if (is_hyphen(at)) {
      if (text[at] != '-') {
        break;
      }
      continue;
    }
    const int value = digit_of(text[at]);
    if (value < 0) {
      break;
    }
    std::uint8_t& byte = parsed.bytes[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++digits;
  }
  if (digits != 2 * parsed.bytes.size()) {
    return error{errc::bad_input, fmt::format("{} is not a UUID", support::in_quotes(text))};
  }
  return parsed;
}

uuid make_uuid() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since - whole);
  return assemble(static_cast<std::uint64_t>(whole.count()),
                  static_cast<std::uint64_t>(rest.count()) * 4'096 / 1'000'000, random_bits());
}

uuid make_uuid(time_point at, std::uint64_t random_bits) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count()));
  return assemble(micros / 1'000, micros % 1'000 * 4'096 / 1'000, random_bits);
}

uuid first_uuid_of(time_point at) {
  // As all keys, but without the bits of the variant: whatever else a key holds, it is not below.
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch();
  uuid made;
  store_big_endian(made.bytes.data(),
                   static_cast<std::uint64_t>(std::max<std::int64_t>(0, millis.count())) << 16);
  return made;
}

}  // namespace engine::postgres

std::size_t std::hash<engine::postgres::uuid>::operator()(
    const engine::postgres::uuid& key) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, key.bytes.data(), sizeof high);
  std::memcpy(&low, key.bytes.data() + sizeof high, sizeof low);
  // The lower half is random in version 7; the multiplication also spreads keys that are not.
  const std::uint64_t mixed = (high ^ std::rotl(low, 31)) * 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}
