// Rows of adjacent nodes strung together, so that one loop runs over the edges of many nodes.
//
// Rows are short, and no processor can guess where each ends: a loop of its own for each row costs
// a mispredicted branch. Here every row is copied as a fixed number of words, and the next one is
// written over what was too much.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "subsystems/dag/error.h"

namespace engine::dag::internal {

/// Words behind the start of a row that may be read, whatever its length.
inline constexpr std::uint32_t row_overread = 8;

class row_batch {
 public:
  /// Longer rows must come in pieces.
  static constexpr std::uint32_t piece_max = row_overread;
  static constexpr std::uint32_t capacity = 256;

  node_id* begin() { return words_.data(); }
  node_id* end() { return end_; }
  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(end_ - words_.data());
  }
  [[nodiscard]] bool full() const { return end_ >= words_.data() + capacity; }
  void clear() { end_ = words_.data(); }

  /// REQUIRES: length <= piece_max, !full(), and row[0, row_overread) can be read.
  void append(const node_id* row, std::uint32_t length) {
    std::memcpy(end_, row, piece_max * sizeof *row);
    end_ += length;
  }
  /// The same node `length` times.
  void repeat(node_id node, std::uint32_t length) {
    std::fill_n(end_, piece_max, node);
    end_ += length;
  }

 private:
  std::array<node_id, capacity + piece_max> words_;
  node_id* end_ = words_.data();
};

}  // namespace engine::dag::internal
