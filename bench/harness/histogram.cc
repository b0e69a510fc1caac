#include "bench/harness/histogram.h"

#include <cmath>
#include <functional>

namespace headroom {

void histogram::merge(const histogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 std::plus<>());
  total_ += other.total_;
  max_ = std::max(max_, other.max_);
}

void histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  total_ = 0;
  max_ = 0;
}

std::uint64_t histogram::value_at(double quantile) const {
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(total_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= wanted) {
      return std::min(last_value_of(index), max_);
    }
  }
  return max_;
}

std::uint64_t histogram::last_value_of(std::size_t index) {
  if (index < 2 * half) {
    return index;
  }
  const std::size_t shift = index / half - 1;
  return ((index - shift * half + 1) << shift) - 1;
}

}  // namespace headroom
