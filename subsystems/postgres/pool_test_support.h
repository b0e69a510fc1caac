// Connections to nowhere, which tests break and count.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "subsystems/postgres/pool.h"

namespace engine::postgres::testing {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): tests alone
using clock = std::chrono::steady_clock;

/// What all connections of a test share.
struct world {
  std::atomic<int> connects{0};
  std::atomic<int> attempts{0};
  std::atomic<int> closes{0};
  std::atomic<int> looks{0};
  std::atomic<int> validations{0};
  std::atomic<bool> refuses{false};
  /// What was idle turns out to be gone, by a look or by asking.
  std::atomic<bool> hangs_up{false};
  std::atomic<bool> is_mute{false};
  /// Connecting takes until this is false.
  std::atomic<bool> stalls{false};

  [[nodiscard]] int open() const { return connects - closes; }
};

struct stub_connection {
  explicit stub_connection(std::shared_ptr<world> of) : shared(std::move(of)) {
    ++shared->connects;
  }
  stub_connection(const stub_connection&) = delete;
  stub_connection& operator=(const stub_connection&) = delete;
  ~stub_connection() { ++shared->closes; }

  std::shared_ptr<world> shared;
  bool broken = false;
  std::atomic<int> holders{0};
  long uses = 0;  ///< not atomic: the race detector would see two holders
  std::atomic<bool> was_hung_up{false};
};

struct stub_connector {
  using connection_type = stub_connection;

  std::shared_ptr<world> shared;

  [[nodiscard]] result<std::unique_ptr<stub_connection>> connect(clock::time_point deadline) const {
    ++shared->attempts;
    while (shared->stalls && clock::now() < deadline) {
      poll(nullptr, 0, 1);
    }
    if (shared->refuses || shared->stalls) {
      return error{errc::connect_failed, "cannot connect: nobody listens"};
    }
    return std::make_unique<stub_connection>(shared);
  }
  static bool is_open(const stub_connection& known) noexcept { return !known.broken; }
  static bool is_usable(stub_connection& idle) noexcept {
    ++idle.shared->looks;
    return !idle.shared->hangs_up;
  }
  static bool validate(stub_connection& idle) noexcept {
    ++idle.shared->validations;
    while (idle.shared->is_mute && !idle.was_hung_up) {
      poll(nullptr, 0, 1);
    }
    return !idle.shared->hangs_up && !idle.was_hung_up;
  }
  static void hang_up(stub_connection& stuck) noexcept { stuck.was_hung_up = true; }
};

using stub_pool = basic_pool<stub_connector>;
using stub_lease = stub_pool::lease;

/// Whether it comes true within ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  for (const auto end = clock::now() + 10s; !condition(); poll(nullptr, 0, 1)) {
    if (clock::now() > end) {
      return false;
    }
  }
  return true;
}

inline stub_lease must_checkout(stub_pool& from) {
  result<stub_lease> got = from.checkout(10s);
  EXPECT_TRUE(got) << got.error().what();
  return got ? std::move(*got) : stub_lease();
}

/// The code and message of a failure; "" if it is none.
template <class T>
std::string failure_of(const result<T>& outcome) {
  return outcome ? "" : outcome.error().what();
}

template <class T>
errc code_of_failure(const result<T>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

}  // namespace engine::postgres::testing
