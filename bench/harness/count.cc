#include "bench/harness/count.h"

#include <algorithm>
#include <memory>
#include <string>
#include <valgrind/callgrind.h>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/harness/allocation.h"
#include "bench/harness/checked_row.h"
#include "bench/harness/settings.h"

namespace headroom {
namespace {

constexpr int allocation_rounds = 3;

/// The timed body alone, without what is prepared.
template <class Begin, class End>
void run_between(subject& body, std::uint64_t runs, Begin begin, End end) {
  const std::uint64_t portion = body.has_prepare() ? body.batch() : runs;
  for (std::uint64_t left = runs; left > 0; left -= portion) {
    body.prepare();
    begin();
    body.run(portion);
    end();
  }
}

void count_instructions(subject& body, std::uint64_t runs) {
  const auto toggle = [] { CALLGRIND_TOGGLE_COLLECT; };
  CALLGRIND_START_INSTRUMENTATION;
  run_between(body, runs, toggle, toggle);  // What is translated and allocated at first, is now.
  CALLGRIND_ZERO_STATS;
  run_between(body, runs, toggle, toggle);
  CALLGRIND_DUMP_STATS;
  run_between(body, 2 * runs, toggle, toggle);
  CALLGRIND_DUMP_STATS;
  CALLGRIND_STOP_INSTRUMENTATION;
}

struct obtained {
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;
};

obtained memory_of(subject& body, std::uint64_t runs) {
  obtained sum;
  std::unique_ptr<allocation_meter> meter;
  run_between(
      body, runs, [&] { meter = std::make_unique<allocation_meter>(); },
      [&] {
        const allocation_figures used = meter->read();
        sum.allocations += used.requests;
        sum.bytes += used.bytes;
      });
  return sum;
}

void print(subject& body, std::uint64_t runs) {
  std::vector<double> allocations;
  std::vector<double> bytes;
  for (int round = 0; round < allocation_rounds && allocation_meter::available(); ++round) {
    const obtained one = memory_of(body, runs);
    const obtained two = memory_of(body, 2 * runs);
    const auto by_the_run = [runs](std::uint64_t many, std::uint64_t few) {
      return (static_cast<double>(many) - static_cast<double>(few)) / static_cast<double>(runs);
    };
    allocations.push_back(by_the_run(two.allocations, one.allocations));
    bytes.push_back(by_the_run(two.bytes, one.bytes));
  }
  fmt::print("{{\"runs\": {}, \"allocations\": [{}], \"bytes\": [{}]}}\n", runs,
             fmt::join(allocations, ", "), fmt::join(bytes, ", "));
}

}  // namespace

int count(const suite& measured, const settings& chosen) {
  const checked_row row = open_checked(measured, chosen.count_row);
  if (row.status != 0) {
    return row.status;
  }
  if (row.subjects.size() > 1) {
    fmt::print(stderr, "error: {}: rows with several threads have no exact counts\n",
               chosen.count_row);
    return 2;
  }
  subject& body = *row.subjects.front();
  const std::uint64_t batch = body.batch();
  const std::uint64_t runs = std::max(batch, chosen.run_iterations / batch * batch);
  count_instructions(body, runs);
  print(body, runs);
  return 0;
}

}  // namespace headroom
