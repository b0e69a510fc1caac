#include "bench/harness/allocation.h"

#include <cstddef>

// jemalloc's entry point: weak, so that a binary without jemalloc links and finds it absent.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size,
                                     void* new_value, std::size_t new_size);

namespace headroom {
namespace {

template <class T>
T read_control(const char* name) {
  T value{};
  std::size_t size = sizeof value;
  mallctl(name, &value, &size, nullptr, 0);
  return value;
}

// 4096 is MALLCTL_ARENAS_ALL: the sum over all arenas.
allocation_figures read_totals() {
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  std::uint64_t epoch = 1;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  allocation_figures totals;
  totals.requests = read_control<std::uint64_t>("stats.arenas.4096.small.nrequests") +
                    read_control<std::uint64_t>("stats.arenas.4096.large.nrequests");
  totals.bytes = read_control<std::uint64_t>("thread.allocated");
  return totals;
}

}  // namespace

bool allocation_meter::available() { return mallctl != nullptr; }

const char* allocation_meter::allocator_name() {
  static const char* const version = available() ? read_control<const char*>("version") : "malloc";
  return version;
}

allocation_meter::allocation_meter() {
  if (available()) {
    start_ = read_totals();
    mallctl("thread.peak.reset", nullptr, nullptr, nullptr, 0);
  }
}

allocation_figures allocation_meter::read() const {
  if (!available()) {
    return {};
  }
  allocation_figures now;
  now.peak_bytes = read_control<std::uint64_t>("thread.peak.read");
  const allocation_figures totals = read_totals();
  now.requests = totals.requests - start_.requests;
  now.bytes = totals.bytes - start_.bytes;
  return now;
}

}  // namespace headroom
