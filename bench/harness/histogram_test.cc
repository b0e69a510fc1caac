#include "bench/harness/histogram.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/random.h"

namespace headroom {
namespace {

TEST(histogram, is_empty_at_first) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.max(), 0U);
  EXPECT_EQ(empty.value_at(0.5), 0U);
}

TEST(histogram, keeps_small_values_exactly) {
  for (std::uint64_t value = 0; value < 2048; ++value) {
    histogram one;
    one.record(value);
    EXPECT_EQ(one.value_at(0.5), value);
  }
}

TEST(histogram, reports_to_three_digits) {
  engine::fixtures::random source(7);
  for (int round = 0; round < 10'000; ++round) {
    const std::uint64_t value = source.next() >> source.between(11, 63);
    histogram pair;
    pair.record(value);
    pair.record(histogram::value_max);
    const auto reported = static_cast<double>(pair.value_at(0.5));
    EXPECT_GE(reported, static_cast<double>(value)) << value;
    EXPECT_LE(reported, static_cast<double>(value) * 1.001) << value;
  }
}

TEST(histogram, agrees_with_sorting) {
  engine::fixtures::random source(8);
  histogram recorded;
  std::vector<std::uint64_t> values(10'001);
  for (auto& value : values) {
    value = static_cast<std::uint64_t>(std::exp(source.unit() * 25));
    recorded.record(value);
  }
  std::sort(values.begin(), values.end());
  for (const double quantile : {0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(quantile * 10'001))) - 1;
    EXPECT_GE(recorded.value_at(quantile), values[rank]) << quantile;
    EXPECT_LE(static_cast<double>(recorded.value_at(quantile)),
              static_cast<double>(values[rank]) * 1.001)
        << quantile;
  }
  EXPECT_EQ(recorded.value_at(1.0), values.back());
}

TEST(histogram, merges_to_the_same_as_recording_together) {
  engine::fixtures::random source(9);
  histogram together;
  histogram left;
  histogram right;
  for (int round = 0; round < 5'000; ++round) {
    const std::uint64_t value = source.next() >> 30;
    together.record(value);
    (round % 3 == 0 ? left : right).record(value);
  }
  left.merge(right);
  EXPECT_EQ(left.count(), together.count());
  EXPECT_EQ(left.max(), together.max());
  for (const double quantile : {0.1, 0.5, 0.9, 0.999}) {
    EXPECT_EQ(left.value_at(quantile), together.value_at(quantile));
  }
}

TEST(histogram, clamps_what_it_cannot_hold) {
  histogram clamped;
  clamped.record(~std::uint64_t{0});
  EXPECT_EQ(clamped.max(), histogram::value_max);
  EXPECT_EQ(clamped.value_at(1.0), histogram::value_max);
}

TEST(histogram, forgets_when_cleared) {
  histogram cleared;
  cleared.record(17);
  cleared.clear();
  EXPECT_EQ(cleared.count(), 0U);
  EXPECT_EQ(cleared.value_at(1.0), 0U);
}

}  // namespace
}  // namespace headroom
