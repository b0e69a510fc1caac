#include "bench/harness/allocation.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace headroom {
namespace {

std::vector<std::unique_ptr<char[]>> allocate(std::size_t count, std::size_t bytes) {
  std::vector<std::unique_ptr<char[]>> blocks(count);
  for (auto& block : blocks) {
    block = std::make_unique<char[]>(bytes);
  }
  return blocks;
}

TEST(allocation_meter, counts_nothing_where_nothing_is_allocated) {
  const allocation_meter meter;
  EXPECT_EQ(meter.read().requests, 0U);
  EXPECT_EQ(meter.read().bytes, 0U);
}

TEST(allocation_meter, counts_every_request) {
  if (!allocation_meter::available()) {
    GTEST_SKIP() << "without jemalloc";
  }
  for (const std::size_t count : {1U, 7U, 1'000U}) {
    for (const std::size_t bytes : {8U, 100U, 20'000U, 300'000U}) {
      const allocation_meter meter;
      { const auto blocks = allocate(count, bytes); }
      const allocation_figures used = meter.read();
      EXPECT_EQ(used.requests, count + 1) << count << " x " << bytes;  // And the vector's own.
      EXPECT_GE(used.bytes, count * bytes);
      EXPECT_GE(used.peak_bytes + 2 * allocation_figures::peak_granularity, count * bytes);
    }
  }
}

TEST(allocation_meter, names_the_allocator) {
  const std::string name = allocation_meter::allocator_name();
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(name == "malloc", !allocation_meter::available());
}

}  // namespace
}  // namespace headroom
