// Values in PostgreSQL's binary format: rows for COPY, and arrays as parameters.
//
// Format: the manual's chapters on COPY (binary format) and on array_recv() in the server's
// source. Appending costs a copy of the bytes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <libpq-fe.h>
#include <optional>
#include <string>
#include <string_view>

#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

// Type numbers from the server's pg_type, which never change.
inline constexpr Oid int2_type = 21;
inline constexpr Oid int4_type = 23;
inline constexpr Oid int8_type = 20;
inline constexpr Oid json_type = 114;
inline constexpr Oid date_type = 1082;
inline constexpr Oid timestamptz_type = 1184;
inline constexpr Oid uuid_type = 2950;

/// Microseconds since 2000. What is not of the calendar of the server becomes what it refuses.
[[nodiscard]] inline std::int64_t timestamp_of(time_point at) {
  constexpr std::chrono::microseconds from_1970_to_2000 = std::chrono::seconds(946'684'800);
  // The very least is the server's "-infinity".
  constexpr std::chrono::microseconds least = std::chrono::microseconds::min() + from_1970_to_2000;
  return (std::max(at.time_since_epoch(), least + std::chrono::microseconds(1)) - from_1970_to_2000)
      .count();
}

namespace binary {

inline std::uint16_t big_endian(std::int16_t value) {
  return __builtin_bswap16(static_cast<std::uint16_t>(value));
}
inline std::uint32_t big_endian(std::int32_t value) {
  return __builtin_bswap32(static_cast<std::uint32_t>(value));
}
inline std::uint64_t big_endian(std::int64_t value) {
  return __builtin_bswap64(static_cast<std::uint64_t>(value));
}

/// Length, then value.
template <class Integer>
void append_sized(std::string& to, Integer value) {
  char written[4 + sizeof(Integer)];
  const std::uint32_t length = big_endian(static_cast<std::int32_t>(sizeof(Integer)));
  const auto swapped = big_endian(value);
  std::memcpy(written, &length, 4);
  std::memcpy(written + 4, &swapped, sizeof swapped);
  to.append(written, sizeof written);
}

template <class Integer>
void append(std::string& to, Integer value) {
  const auto swapped = big_endian(value);
  char written[sizeof swapped];
  std::memcpy(written, &swapped, sizeof swapped);
  to.append(written, sizeof written);
}

inline void append_value(std::string& to, std::int16_t value) { append_sized(to, value); }
inline void append_value(std::string& to, std::int32_t value) { append_sized(to, value); }
inline void append_value(std::string& to, std::int64_t value) { append_sized(to, value); }
inline void append_value(std::string& to, time_point at) { append_sized(to, timestamp_of(at)); }
inline void append_value(std::string& to, const uuid& key) {
  char written[20];
  const std::uint32_t length = big_endian(std::int32_t{16});
  std::memcpy(written, &length, 4);
  std::memcpy(written + 4, key.bytes.data(), 16);
  to.append(written, sizeof written);
}
inline void append_value(std::string& to, std::string_view text) {
  append(to, static_cast<std::int32_t>(text.size()));
  to.append(text);
}
inline void append_null(std::string& to) { append(to, std::int32_t{-1}); }
template <class T>
void append_value(std::string& to, const std::optional<T>& value) {
  value ? append_value(to, *value) : append_null(to);
}

}  // namespace binary

/// The bytes of one COPY … FROM STDIN (FORMAT binary).
class copy_rows {
 public:
  /// One row: all of its columns, in order. A string_view that may be null is an optional.
  template <class... Columns>
  void add(const Columns&... columns) {
    if (rows_ == 0) {
      bytes_.append(std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
    }
    binary::append(bytes_, static_cast<std::int16_t>(sizeof...(Columns)));
    (binary::append_value(bytes_, columns), ...);
    ++rows_;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Without the end mark, which the end of a COPY implies.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  /// The bytes are sent: what is added from now on follows them. Keeps the memory.
  void forget_bytes() { bytes_.clear(); }
  /// For another COPY. Keeps the memory.
  void clear() {
    bytes_.clear();
    rows_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t rows_ = 0;
};

/// A one-dimensional array as a parameter.
class array_parameter {
 public:
  explicit array_parameter(Oid element_type) : element_type_(element_type) { clear(); }

  template <class T>
  void add(const T& value) {
    binary::append_value(bytes_, value);
    ++size_;
  }

  /// As the server takes it; valid until the next add().
  [[nodiscard]] std::string_view bytes() {
    char size[4];
    const std::uint32_t swapped = binary::big_endian(static_cast<std::int32_t>(size_));
    std::memcpy(size, &swapped, sizeof size);
    bytes_.replace(size_offset, sizeof size, size, sizeof size);
    return bytes_;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Keeps the memory.
  void clear() {
    bytes_.clear();
    size_ = 0;
    // Dimensions, whether there are nulls (the server looks for itself), type, size, lower bound.
    binary::append(bytes_, std::int32_t{1});
    binary::append(bytes_, std::int32_t{1});
    binary::append(bytes_, static_cast<std::int32_t>(element_type_));
    binary::append(bytes_, std::int32_t{0});
    binary::append(bytes_, std::int32_t{1});
  }

 private:
  static constexpr std::size_t size_offset = 12;

  Oid element_type_;
  std::string bytes_;
  std::size_t size_ = 0;
};

}  // namespace engine::postgres
