// How a caller learns that its writes are durable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

struct write_failure {
  uuid execution_id;
  error why;
};

/// Counts the writes that were submitted with it and are not settled yet: acknowledged, that is,
/// committed by the server, or failed. May be used for one write or for many, and again.
/// Thread-safe. REQUIRES: outlives what was submitted with it.
class receipt {
 public:
  receipt() = default;
  /// `settled` is called by a thread of the writer, each time that nothing is left to settle; it
  /// must return soon, not submit with this receipt, and not destroy it. For event loops: post.
  explicit receipt(std::function<void()> settled) : settled_(std::move(settled)) {}
  receipt(const receipt&) = delete;
  receipt& operator=(const receipt&) = delete;

  /// Waits until everything is settled. errc::write_timeout at the deadline, which does not take
  /// back what was submitted; otherwise the first failure that
  /// was not taken yet, of earlier writes too.
  [[nodiscard]] result<void> wait_until(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] result<void> wait();

  [[nodiscard]] std::uint64_t outstanding() const;
  /// Takes the failures so far: each write that failed, failures_max at most.
  [[nodiscard]] std::vector<write_failure> take_failures();
  /// All that failed since the last call of take_failures(), beyond failures_max as well.
  [[nodiscard]] std::uint64_t failed() const;

  static constexpr std::size_t failures_max = 1'000;

  // For the writer.
  void expect(std::uint64_t writes);
  void acknowledge(std::uint64_t writes);
  void fail(const uuid& execution_id, const error& why);

 private:
  result<void> outcome() const;
  void settle(std::unique_lock<std::mutex>& lock, std::uint64_t writes);

  mutable std::mutex mutex_;
  std::condition_variable none_left_;
  std::uint64_t outstanding_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<write_failure> failures_;
  std::function<void()> settled_;
};

}  // namespace engine::postgres
