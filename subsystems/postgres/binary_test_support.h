// Reads back, for tests, what is written for the server in its binary format.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/postgres/binary_format.h"

namespace engine::postgres::testing {

using value = std::optional<std::string>;  ///< its bytes
using row = std::vector<value>;

/// Signed, of any width.
inline std::int64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) {
    number = (number << 8) | static_cast<unsigned char>(byte);
  }
  const std::size_t unused = 64 - 8 * bytes.size();
  return static_cast<std::int64_t>(number << unused) >> unused;
}
inline std::int64_t number_of(const value& of) { return number_in(of.value()); }

inline value bytes_of(const uuid& key) { return std::string(key.bytes.begin(), key.bytes.end()); }

/// Throws std::out_of_range where the bytes end too early.
class binary_reader {
 public:
  explicit binary_reader(std::string_view bytes) : left_(bytes) {}

  std::string take(std::size_t size) {
    if (size > left_.size()) {
      throw std::out_of_range("the bytes end too early");
    }
    std::string taken(left_.substr(0, size));
    left_.remove_prefix(size);
    return taken;
  }
  std::int64_t number(std::size_t size) { return number_in(take(size)); }
  value sized() {
    const std::int64_t size = number(4);
    return size < 0 ? std::nullopt : value(take(static_cast<std::size_t>(size)));
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

inline std::vector<row> rows_of(const copy_rows& copied) {
  std::vector<row> rows;
  if (copied.rows() == 0) {
    return rows;
  }
  binary_reader from(copied.bytes());
  from.take(19);
  while (!from.at_end()) {
    row& next = rows.emplace_back();
    for (std::int64_t columns = from.number(2); columns > 0; --columns) {
      next.push_back(from.sized());
    }
  }
  return rows;
}

inline row elements_of(array_parameter& array) {
  binary_reader from(array.bytes());
  from.take(12);
  row elements;
  const std::int64_t size = from.number(4);
  from.take(4);
  for (std::int64_t at = 0; at < size; ++at) {
    elements.push_back(from.sized());
  }
  if (!from.at_end()) {
    throw std::out_of_range("bytes after the last element");
  }
  return elements;
}

}  // namespace engine::postgres::testing
