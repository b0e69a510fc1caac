// Compares what is stored with what the callers of the fault test were told.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "subsystems/postgres/fault_load.h"

namespace engine::postgres::testing {

struct audit {
  std::uint64_t stored = 0;       ///< writes of which everything is there
  std::uint64_t unconfirmed = 0;  ///< of these, those that were not acknowledged
  std::uint64_t lost = 0;         ///< writes that were acknowledged, and are not there
  std::uint64_t half = 0;         ///< writes of which only a part is there
  std::uint64_t doubled = 0;      ///< rows that are there twice
  std::uint64_t stale = 0;        ///< lives with a state older than a write that is there
  std::uint64_t strange = 0;      ///< rows that nobody wrote
  std::uint64_t miscounted = 0;   ///< executions that execution_counts has too many, or too few
  /// The first that is wrong, described.
  std::vector<std::string> examples = {};

  [[nodiscard]] bool is_clean() const {
    return lost + half + doubled + stale + strange + miscounted == 0;
  }
  void add(const audit& other);
};

/// Reads all tables at `url`. REQUIRES: nobody writes.
[[nodiscard]] audit compare_with_store(const std::string& url, std::span<const life> lives);

}  // namespace engine::postgres::testing
