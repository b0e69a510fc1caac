// Candidate `engine`: the pool of subsystems/postgres, as a user calls it.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/fairness.h"
#include "bench/postgres/pool_floor.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench::ours {

class alignas(64) checkout {
 public:
  static constexpr std::string_view name = "engine";

  explicit checkout(const pool_input& input)
      : input_(input), pool_(input.shared().engine.pool()), uses_(input.shared().engine_uses) {}

  void run() {
    const auto held = pool_.checkout(patience, "benchmark");
    (*held)->use();
    uses_.add();
  }

  [[nodiscard]] pool_input::account answer() const {
    const shared_pools& shared = input_.shared();
    return input_.account_of(shared.engine_uses.sum(), shared.engine.all(), shared.engine.in_use(),
                             [this] { return pool_.checkout(patience, "benchmark"); });
  }

  [[nodiscard]] std::vector<counter> counters() const {
    if (input_.threads() == 1) {
      return {};
    }
    shared_pools& shared = input_.shared();
    auto figures = fairness_counters<checkout, least::checkout>(input_, shared.fairness->engine,
                                                                shared.fairness->floor);
    const engine::postgres::pool_statistics counted = pool_.statistics();
    figures.push_back({"waits_per_million_checkouts", 1e6 * static_cast<double>(counted.waits) /
                                                          static_cast<double>(counted.checkouts)});
    return figures;
  }

 private:
  const pool_input input_;
  engine::postgres::basic_pool<stub_connector>& pool_;
  use_counts::own uses_;
};

}  // namespace headroom::pool_bench::ours
