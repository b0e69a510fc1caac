// Candidate `engine`: the pool of subsystems/postgres, as a user calls it.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/fairness.h"
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
    return pool_input::account_of(shared.engine_uses.sum(), shared.engine.all(),
                                  shared.engine.in_use());
  }

  [[nodiscard]] std::vector<counter> counters() const {
    if (input_.threads() == 1) {
      return {};
    }
    fairness_figure& fairness = input_.shared().engine_fairness;
    add_window<checkout>(input_, fairness);
    const auto waits = static_cast<double>(pool_.statistics().waits);
    const auto checkouts = static_cast<double>(pool_.statistics().checkouts);
    return {{"fairness_max_over_min", fairness.median()},
            {"waits_per_checkout", waits / checkouts}};
  }

 private:
  const pool_input input_;
  engine::postgres::basic_pool<stub_connector>& pool_;
  use_counts::own uses_;
};

}  // namespace headroom::pool_bench::ours
