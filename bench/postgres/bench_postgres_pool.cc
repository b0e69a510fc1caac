// bench_postgres_pool: lending connections, beside the floor, a pool of a mutex and a condition
// variable, and PgBouncer.
//
// A new candidate is one file beside this one, and its name in the lists below.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "bench/postgres/exhaustion.h"
#include "bench/postgres/exhaustion_input.h"
#include "bench/postgres/greedy_input.h"
#include "bench/postgres/hand_off.h"
#include "bench/postgres/mutex_condvar.h"
#include "bench/postgres/pool_engine.h"
#include "bench/postgres/pool_floor.h"
#include "bench/postgres/pool_input.h"
#include "bench/postgres/pool_real.h"
#include "bench/postgres/pool_real_input.h"
#include "bench/postgres/pool_reconnect.h"
#include "bench/postgres/server.h"

namespace headroom::pool_bench {
namespace {

using std::chrono::milliseconds;

// An input for each thread of a group, all with the same Shared, which is made for the first.
template <class Input, class Shared>
std::function<Input(unsigned)> sharing(
    std::function<std::shared_ptr<Shared>()> make_shared,
    std::function<Input(unsigned, std::shared_ptr<Shared>)> make) {
  auto last = std::make_shared<std::weak_ptr<Shared>>();
  return [=](unsigned thread) {
    std::shared_ptr<Shared> shared = last->lock();
    if (!shared) {
      shared = make_shared();
      *last = shared;
    }
    return make(thread, std::move(shared));
  };
}

// Threads take turns on two processors in slices of some milliseconds, and move between them more
// seldom: a window holds many of both. Of 8 threads that share nothing, on a machine with something
// else to do, the busiest was ahead 2.1-fold over 50 ms, 1.25-fold over 200 ms, 1.1-fold to
// 1.2-fold over a second and two. Who is ahead changes: with the engine's pool 1.1-fold to 1.2-fold
// over 2 s, 1.06-fold to 1.1-fold over 6 s.
milliseconds window_for(unsigned threads, effort spent) {
  constexpr unsigned threads_max = 8;
  const unsigned counted = std::min(threads, threads_max);
  return spent == effort::full    ? milliseconds(750) * counted
         : spent == effort::quick ? milliseconds(150) * counted
                                  : milliseconds(20);
}

void add_checkout(suite& to, const std::string& case_name, unsigned threads, effort spent) {
  auto fairness = std::make_shared<group_fairness>();
  add_group<pool_input, ours::checkout, least::checkout, mutex_condvar::checkout>(
      to, {"checkout", case_name, threads, 1},
      sharing<pool_input, shared_pools>(
          [threads, fairness] { return std::make_shared<shared_pools>(threads, fairness); },
          [threads, spent](unsigned thread, std::shared_ptr<shared_pools> shared) {
            return pool_input(thread, window_for(threads, spent), std::move(shared));
          }));
}

void add_exhaustion(suite& to) {
  for (const std::chrono::microseconds timeout :
       {std::chrono::microseconds(500), std::chrono::microseconds(5'000)}) {
    add_group<exhaustion_input, ours::timeout, least::timeout, mutex_condvar::timeout>(
        to, {"exhaustion", fmt::format("timeout_us:{}", timeout.count()), 1, 100},
        [timeout](unsigned) { return exhaustion_input(timeout); });
  }
  for (const unsigned threads : {8U, 32U}) {
    add_group<greedy_input, ours::greedy, mutex_condvar::greedy>(
        to, {"exhaustion", fmt::format("greedy/threads:{}", threads), threads, 100},
        sharing<greedy_input, greedy_input::shared>(
            [] { return std::make_shared<greedy_input::shared>(); },
            [](unsigned, std::shared_ptr<greedy_input::shared> shared) {
              return greedy_input(std::move(shared));
            }));
  }
  add_group<hand_off_input, ours::hand_off, least::hand_off>(
      to, {"hand_off", "", 1, 1}, [](unsigned) { return hand_off_input(); });
}

// What a server does takes long: rows of this size take part in a quarter of the rounds.
constexpr std::uint64_t server_size = 20'000;

void add_real(suite& to) {
  for (const unsigned threads : {1U, 8U}) {
    add_group<real_input, ours::statement, least::statement, mutex_condvar::statement,
              pgbouncer_statement>(
        to,
        {"checkout_real", threads == 1 ? "select_1" : fmt::format("select_1/threads:{}", threads),
         threads, server_size},
        sharing<real_input, real_pools>([] { return std::make_shared<real_pools>(); },
                                        [](unsigned, std::shared_ptr<real_pools> shared) {
                                          return real_input(std::move(shared));
                                        }));
  }
  add_group<reconnect_input, ours::reconnect, least::reconnect, mutex_condvar::reconnect>(
      to, {"reconnect", "", 1, server_size}, [](unsigned) { return reconnect_input(); });
}

void register_all(suite& to, const settings& chosen) {
  add_checkout(to, "uncontended", 1, chosen.effort);
  for (const unsigned threads : {2U, 4U, 8U, 32U}) {
    add_checkout(to, fmt::format("contended/threads:{}", threads), threads, chosen.effort);
  }
  to.add_waiting_rows();
  add_exhaustion(to);
  add_real(to);
  to.set_context(postgres_bench::server_context);
  to.set_gate({"checkout/engine/uncontended", "checkout/engine/contended/threads:2",
               "checkout/engine/contended/threads:8"});
}

}  // namespace
}  // namespace headroom::pool_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures the engine's connection pool beside the machine's floor, a pool of a mutex and a "
      "condition variable, and PgBouncer.",
      headroom::pool_bench::register_all);
}
