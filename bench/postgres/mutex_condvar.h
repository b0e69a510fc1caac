// Candidate `mutex_condvar`: a pool of a mutex and a condition variable.
#pragma once

#include <string_view>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/fairness.h"
#include "bench/postgres/pool_floor.h"
#include "bench/postgres/pool_input.h"

namespace headroom::pool_bench::mutex_condvar {

class alignas(64) checkout {
 public:
  static constexpr std::string_view name = "mutex_condvar";

  explicit checkout(const pool_input& input)
      : input_(input),
        pool_(input.shared().mutex_condvar.pool()),
        uses_(input.shared().peer_uses) {}

  void run() {
    const auto held = pool_.checkout(patience);
    (*held)->use();
    uses_.add();
  }

  [[nodiscard]] pool_input::account answer() const {
    const shared_pools& shared = input_.shared();
    return input_.account_of(shared.peer_uses.sum(), shared.mutex_condvar.all(),
                             shared.mutex_condvar.in_use(),
                             [this] { return pool_.checkout(patience); });
  }

  [[nodiscard]] std::vector<counter> counters() const {
    if (input_.threads() == 1) {
      return {};
    }
    shared_pools& shared = input_.shared();
    return fairness_counters<checkout, least::checkout>(input_, shared.fairness->peer,
                                                        shared.fairness->floor);
  }

 private:
  const pool_input input_;
  mutex_condvar_pool<stub_connection>& pool_;
  use_counts::own uses_;
};

}  // namespace headroom::pool_bench::mutex_condvar
