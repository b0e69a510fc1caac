// Latencies in bounded memory, to three significant digits.
//
// Log-linear buckets as in HdrHistogram (G. Tene): below 2,048 each value has its own, above that
// each power of two is split into 1,024, so a reported value is at most 0.1 % above the recorded
// one. 344 KB cover 0 to 2^53 (104 days in ns). Not thread-safe: one for each thread, merged
// afterwards. Record: O(1), no allocation.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace headroom {

class histogram {
 public:
  static constexpr std::uint64_t value_max = (std::uint64_t{1} << 53) - 1;

  histogram() : counts_(index_of(value_max) + 1) {}

  /// Larger values count as value_max.
  void record(std::uint64_t value) {
    value = std::min(value, value_max);
    ++counts_[index_of(value)];
    ++total_;
    max_ = std::max(max_, value);
  }

  void merge(const histogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return total_; }
  /// The largest value recorded, exact; 0 if there is none.
  [[nodiscard]] std::uint64_t max() const { return max_; }
  /// The smallest value that at least `quantile` of all are not above, rounded up to its bucket's
  /// end; 0 if nothing is recorded. REQUIRES: 0 <= quantile <= 1.
  [[nodiscard]] std::uint64_t value_at(double quantile) const;

 private:
  static constexpr unsigned linear_bits = 11;
  static constexpr std::uint64_t half = std::uint64_t{1} << (linear_bits - 1);

  static std::size_t index_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > linear_bits ? width - linear_bits : 0;
    return static_cast<std::size_t>(shift * half + (value >> shift));
  }
  static std::uint64_t last_value_of(std::size_t index);

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace headroom
