#include "bench/postgres/pool_input.h"

#include <thread>

#include <fmt/format.h>

namespace headroom::pool_bench {
namespace {

engine::postgres::connection_pool_options options_for(std::size_t size) {
  const auto count = static_cast<std::uint32_t>(size);
  return {.size_min = count, .size_max = count};
}

}  // namespace

engine_stubs::engine_stubs(std::size_t size)
    : pool_(engine::postgres::basic_pool<stub_connector>::open(stub_connector(all_),
                                                               options_for(size))
                .value()) {
  while (pool_.statistics().idle < size) {
    std::this_thread::yield();
  }
}

mutex_condvar_stubs::mutex_condvar_stubs(std::size_t size) {
  for (; size > 0; --size) {
    auto made = std::make_unique<stub_connection>();
    all_.push_back(made.get());
    pool_.add(std::move(made));
  }
}

use_counts::own::own(use_counts& all) : all_(&all) {
  const std::lock_guard lock(all.mutex_);
  all.present_.push_back(this);
}

use_counts::own::~own() {
  const std::lock_guard lock(all_->mutex_);
  std::erase(all_->present_, this);
  all_->past_ += value_;
}

std::uint64_t use_counts::sum() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = past_;
  for (const own* each : present_) {
    sum += each->value_.load(std::memory_order_relaxed);
  }
  return sum;
}

std::string pool_input::mismatch(const account& answer) const {
  if (answer.held_twice > 0) {
    return fmt::format("two had a connection at once, {} times", answer.held_twice);
  }
  if (answer.uses != answer.checkouts) {
    return fmt::format("{} checkouts, {} uses: two had a connection at once", answer.checkouts,
                       answer.uses);
  }
  if (answer.in_use > 0) {
    return fmt::format("{} connections are still lent", answer.in_use);
  }
  return answer.checkouts > 0 ? "" : "nothing was checked out";
}

}  // namespace headroom::pool_bench
