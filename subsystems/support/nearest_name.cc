#include "subsystems/support/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace engine::support {
namespace {

using distances = std::array<std::size_t, compared_bytes_max + 1>;

// Restricted Damerau-Levenshtein distance; `bound` or more as soon as it cannot be less, or as the
// budget does not suffice for another line of the table.
std::size_t distance(std::string_view left, std::string_view right, std::size_t bound,
                     guess_budget& budget) {
  left = left.substr(0, compared_bytes_max);
  right = right.substr(0, compared_bytes_max);
  const std::size_t longer = std::max(left.size(), right.size());
  if (longer - std::min(left.size(), right.size()) >= bound) {
    return bound;
  }
  std::array<distances, 3> lines{};
  distances* before = lines.data();  // the line before the last one
  distances* last = before + 1;
  distances* row = last + 1;
  for (std::size_t column = 0; column <= right.size(); ++column) {
    (*last)[column] = column;
  }
  for (std::size_t line = 1; line <= left.size(); ++line) {
    if (!budget.take(right.size())) {
      return bound;
    }
    (*row)[0] = line;
    std::size_t least = line;
    for (std::size_t column = 1; column <= right.size(); ++column) {
      const bool same = left[line - 1] == right[column - 1];
      std::size_t& cell = (*row)[column];
      cell = std::min(
          {(*last)[column] + 1, (*row)[column - 1] + 1, (*last)[column - 1] + (same ? 0U : 1U)});
      const bool swapped = line > 1 && column > 1 && left[line - 1] == right[column - 2] &&
                           left[line - 2] == right[column - 1];
      if (swapped) {
        cell = std::min(cell, (*before)[column - 2] + 1);
      }
      least = std::min(least, cell);
    }
    if (least >= bound) {
      return bound;
    }
    distances* const oldest = before;
    before = std::exchange(last, row);
    row = oldest;
  }
  return (*last)[right.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> candidates,
                              guess_budget& budget) {
  std::string_view nearest;
  std::size_t bound = std::min(wanted.size(), compared_bytes_max) / 3 + 1;
  for (const std::string_view candidate : candidates) {
    if (!budget.take(1)) {
      break;
    }
    const std::size_t found = distance(wanted, candidate, bound, budget);
    if (found < bound) {
      bound = found;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace engine::support
