// The parameters of one statement in PostgreSQL's binary format.
//
// Owns their bytes, and keeps the memory from statement to statement. Not thread-safe. Adding one
// costs a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/postgres/binary_format.h"

namespace headroom::postgres_bench {

class binary_parameters {
 public:
  template <class... Values>
  void add_all(const Values&... values) {
    (add(values), ...);
  }

  template <class T>
  void add(const T& value) {
    engine::postgres::binary::append_value(bytes_, value);
    ends_.push_back(bytes_.size());
  }

  /// In the order in which they were added; valid until the next is. A null view is NULL.
  [[nodiscard]] std::span<const std::string_view> views() {
    constexpr std::size_t length_bytes = 4;
    views_.clear();
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      const std::string_view value(bytes_.data() + begin + length_bytes,
                                   end - begin - length_bytes);
      const bool is_null = bytes_[begin] == '\xff';  // Of a length, only NULL's is negative.
      views_.push_back(is_null ? std::string_view() : value);
      begin = end;
    }
    return views_;
  }

  void clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<std::string_view> views_;
};

}  // namespace headroom::postgres_bench
