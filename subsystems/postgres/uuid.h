// Keys of the store: UUIDs of version 7, whose order is that of their time.
//
// A key made by the client needs no round trip, is its own idempotency key, and is written at the
// right end of every index, so that a checkpoint is followed by few whole pages in the log. As the
// time is in the key, it also says which partition a row lies in.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

/// Microseconds since 1970, UTC, as PostgreSQL's timestamptz holds them.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

/// Now, by the system's clock.
[[nodiscard]] time_point now();

struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// 36 characters, in lower case.
  [[nodiscard]] std::string text() const;
  /// The time in a key of version 7, to the millisecond; of another version, anything.
  [[nodiscard]] time_point time() const;

  friend auto operator<=>(const uuid&, const uuid&) = default;
};

/// 8-4-4-4-12 hexadecimal digits in either case, of any version; errc::bad_input otherwise.
[[nodiscard]] result<uuid> parse_uuid(std::string_view text);

/// A new key of version 7 (RFC 9562, 6.2, method 3: 48 bits of milliseconds, 12 bits of their
/// fraction, 62 random bits). Thread-safe; about 60 ns.
[[nodiscard]] uuid make_uuid();
/// The same for a time and random bits of the caller's, for fixtures and imports. Times before
/// 1970 count as 1970.
[[nodiscard]] uuid make_uuid(time_point at, std::uint64_t random_bits);
/// The smallest key of that millisecond: every key made before is below it, none made later is.
[[nodiscard]] uuid first_uuid_of(time_point at);

}  // namespace engine::postgres

template <>
struct std::hash<engine::postgres::uuid> {
  std::size_t operator()(const engine::postgres::uuid& key) const noexcept;
};
