// A place in a text. Plain data.
#pragma once

#include <cstdint>

namespace engine::workflow {

/// Lines and columns count from 1, columns in bytes. Line 0 means that no place is known or meant.
struct position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const position&, const position&) = default;
};

}  // namespace engine::workflow
