// Columns of a row in PostgreSQL's binary format.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <libpq-fe.h>
#include <optional>
#include <string>
#include <string_view>

#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

/// One row of a result, which must outlive it. Each call REQUIRES that the column has the type.
class row_reader {
 public:
  row_reader(const PGresult* in, int row) : result_(in), row_(row) {}

  [[nodiscard]] bool is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }
  [[nodiscard]] std::int16_t int2(int column) const {
    return static_cast<std::int16_t>(__builtin_bswap16(load<std::uint16_t>(column)));
  }
  [[nodiscard]] std::int32_t int4(int column) const {
    return static_cast<std::int32_t>(__builtin_bswap32(load<std::uint32_t>(column)));
  }
  [[nodiscard]] std::int64_t int8(int column) const {
    return static_cast<std::int64_t>(__builtin_bswap64(load<std::uint64_t>(column)));
  }
  [[nodiscard]] uuid key(int column) const { return {load<std::array<std::uint8_t, 16>>(column)}; }
  [[nodiscard]] time_point time(int column) const {
    constexpr std::chrono::seconds from_1970_to_2000{946'684'800};
    return time_point(std::chrono::microseconds(int8(column)) + from_1970_to_2000);
  }
  [[nodiscard]] std::optional<time_point> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional(time(column));
  }
  /// Of text or json; empty if null.
  [[nodiscard]] std::string_view text(int column) const {
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }

 private:
  template <class T>
  [[nodiscard]] T load(int column) const {
    assert(PQgetlength(result_, row_, column) == static_cast<int>(sizeof(T)));
    T value;
    std::memcpy(&value, PQgetvalue(result_, row_, column), sizeof value);
    return value;
  }

  const PGresult* result_;
  int row_;
};

}  // namespace engine::postgres
