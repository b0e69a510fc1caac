// The load of mixed_load.h on a history, in windows of time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "bench/postgres/mixed_load.h"
#include "bench/postgres/query_picker.h"
#include "bench/postgres/query_store.h"
#include "fixtures/postgres_history.h"

namespace headroom::postgres_bench {

/// On the seeded server. Items: the queries that are due in one window.
class mixed_input {
 public:
  /// Throws std::runtime_error as query_picker does.
  mixed_input(const mixed_rates& rates, std::chrono::milliseconds window)
      : rates_(rates), window_(window) {}

  [[nodiscard]] static const std::string& url() { return seeded_server().url(); }
  [[nodiscard]] static const engine::fixtures::postgres_history& past() {
    return seeded_server().history();
  }
  [[nodiscard]] const query_picker& picker() const { return picker_; }
  [[nodiscard]] const mixed_rates& rates() const { return rates_; }
  [[nodiscard]] std::chrono::milliseconds window() const { return window_; }
  [[nodiscard]] double items() const {
    return rates_.queries_per_s * std::chrono::duration<double>(window_).count();
  }

  /// After all that began has been led to its end.
  struct ledger {
    std::uint64_t begun = 0;
    std::uint64_t stored = 0;  ///< as succeeded, once
    /// What belongs to those that were begun, and what is stored: tasks that have succeeded, spans,
    /// events.
    std::array<std::uint64_t, 3> parts = {};
    std::array<std::uint64_t, 3> parts_stored = {};
    std::uint64_t failures = 0;
    std::string first_failure = {};
  };
  [[nodiscard]] std::string mismatch(const ledger& answer) const;

 private:
  static query_picker make_picker() {
    query_link through;
    return query_picker(through);
  }

  query_picker picker_ = make_picker();
  mixed_rates rates_;
  std::chrono::milliseconds window_;
};

}  // namespace headroom::postgres_bench
