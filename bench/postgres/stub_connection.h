// A connection to nowhere, so that a pool's own cost shows.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "subsystems/postgres/pool.h"

namespace headroom::pool_bench {

/// A cache line that its holder reads and writes, as it would a connection. Of two holders at once,
/// the second to enter() is told so; and of two that use() it, sooner or later one overwrites what
/// the other counted.
class alignas(64) stub_connection {
 public:
  void use() { uses_.store(uses_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t uses() const { return uses_.load(std::memory_order_relaxed); }

  /// Whether nobody is in.
  [[nodiscard]] bool enter() { return holders_.fetch_add(1, std::memory_order_relaxed) == 0; }
  void leave() { holders_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> uses_{0};
  std::atomic<std::uint32_t> holders_{0};
};

/// What the engine's pool opens stubs with.
class stub_connector {
 public:
  using connection_type = stub_connection;

  /// `all` are remembered: they live as long as the pool.
  explicit stub_connector(std::vector<stub_connection*>& all) : all_(&all) {}

  engine::postgres::result<std::unique_ptr<stub_connection>> connect(
      std::chrono::steady_clock::time_point) {
    auto made = std::make_unique<stub_connection>();
    all_->push_back(made.get());
    return made;
  }
  static bool is_open(const stub_connection&) noexcept { return true; }
  static bool is_usable(stub_connection&) noexcept { return true; }
  static bool validate(stub_connection&) noexcept { return true; }
  static void hang_up(stub_connection&) noexcept {}

 private:
  std::vector<stub_connection*>* all_;
};

}  // namespace headroom::pool_bench
