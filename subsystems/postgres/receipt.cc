#include "subsystems/postgres/receipt.h"

#include <utility>

#include <fmt/format.h>

namespace engine::postgres {

result<void> receipt::wait_until(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (!none_left_.wait_until(lock, deadline, [this] { return outstanding_ == 0; })) {
    return error{errc::write_timeout,
                 fmt::format("{} writes were not acknowledged in time", outstanding_)};
  }
  return outcome();
}

result<void> receipt::wait() {
  std::unique_lock lock(mutex_);
  none_left_.wait(lock, [this] { return outstanding_ == 0; });
  return outcome();
}

result<void> receipt::outcome() const {
  if (failures_.empty()) {
    return {};
  }
  return failures_.front().why;
}

std::uint64_t receipt::outstanding() const {
  const std::lock_guard lock(mutex_);
  return outstanding_;
}

std::vector<write_failure> receipt::take_failures() {
  const std::lock_guard lock(mutex_);
  failed_ = 0;
  return std::exchange(failures_, {});
}

std::uint64_t receipt::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void receipt::expect(std::uint64_t writes) {
  const std::lock_guard lock(mutex_);
  outstanding_ += writes;
}

void receipt::acknowledge(std::uint64_t writes) {
  std::unique_lock lock(mutex_);
  settle(lock, writes);
}

void receipt::fail(const uuid& execution_id, const error& why) {
  std::unique_lock lock(mutex_);
  ++failed_;
  if (failures_.size() < failures_max) {
    failures_.push_back({execution_id, why});
  }
  settle(lock, 1);
}

// Wakes under the lock: whoever waits may destroy this as soon as it has seen that nothing is left.
void receipt::settle(std::unique_lock<std::mutex>& lock, std::uint64_t writes) {
  outstanding_ -= writes;
  if (outstanding_ == 0) {
    none_left_.notify_all();
    if (settled_) {
      const std::function<void()> settled = settled_;
      lock.unlock();
      settled();
    }
  }
}

}  // namespace engine::postgres
