// bench_postgres_writes: storing executions and the transitions of their tasks durably, beside the
// floor and the ways in which programs write rows to PostgreSQL.
//
// A new candidate is a file beside this one, with a class for each operation that it can do, and
// its name in the lists below.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "bench/postgres/server.h"
#include "bench/postgres/writes_acknowledge.h"
#include "bench/postgres/writes_copy.h"
#include "bench/postgres/writes_engine.h"
#include "bench/postgres/writes_fdatasync.h"
#include "bench/postgres/writes_floor.h"
#include "bench/postgres/writes_hot_ratio.h"
#include "bench/postgres/writes_multi_row.h"
#include "bench/postgres/writes_open_loop.h"
#include "bench/postgres/writes_pipeline.h"
#include "bench/postgres/writes_row_at_a_time.h"
#include "bench/postgres/writes_unnest.h"
#include "fixtures/postgres_session.h"

namespace headroom::postgres_bench {
namespace {

// Of all groups that take no longer than others: what a server does takes milliseconds, so a
// quarter of the rounds shows as much as all.
constexpr std::uint64_t usual_size = 20'000;
// Only where there is time.
constexpr std::uint64_t large_size = 200'000;

template <class... Candidates>
void add_insert(suite& to, std::size_t rows, std::uint64_t size) {
  add_group<insert_input, Candidates...>(to, {"insert", fmt::format("rows:{}", rows), 1, size},
                                         [rows](unsigned) { return insert_input(rows, 0); });
}

void add_inserts(suite& to) {
  // One row at a time takes long where there are many.
  for (const std::size_t rows : {1U, 100U, 1'000U}) {
    add_insert<ours::insert, least::insert, row_at_a_time::insert, multi_row::insert,
               unnest::insert, pipeline::insert, text_copy::insert>(to, rows, usual_size);
  }
  add_insert<ours::insert, least::insert, multi_row::insert, unnest::insert, pipeline::insert,
             text_copy::insert>(to, 10'000, usual_size);
  add_insert<ours::insert, least::insert, text_copy::insert>(to, 100'000, large_size);
  constexpr std::size_t rows = 1'000;
  constexpr std::size_t tasks = 5;
  add_group<insert_input, ours::insert, least::insert, row_at_a_time::insert, text_copy::insert>(
      to, {"insert_with_tasks", fmt::format("tasks:{}/rows:{}", tasks, rows), 1, usual_size},
      [](unsigned) { return insert_input(rows, tasks); });
}

using task_maker = std::function<std::vector<task_key>(unsigned thread)>;

/// Adds candidates whose threads share one transition_shared.
template <class Input, class... Candidates>
void add_sharing(suite& to, const group_key& key, const task_maker& make_tasks) {
  auto last = std::make_shared<std::weak_ptr<transition_shared>>();
  add_group<Input, Candidates...>(to, key, [last, make_tasks](unsigned thread) {
    std::shared_ptr<transition_shared> shared = last->lock();
    if (!shared) {
      shared = std::make_shared<transition_shared>();
      *last = shared;
    }
    return Input(make_tasks(thread), std::move(shared));
  });
}

/// Each thread has tasks of its own.
task_maker share_of(unsigned threads) {
  return [threads](unsigned thread) {
    const std::span<const task_key> all = stored_tasks();
    const std::size_t each = all.size() / threads;
    const std::span<const task_key> share = all.subspan(thread * each, each);
    return std::vector<task_key>(share.begin(), share.end());
  };
}

std::vector<task_key> first_tasks(std::size_t count) {
  const std::vector<task_key>& all = stored_tasks();
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

void add_transitions(suite& to) {
  // All that write many at a time have as many in flight: 20,000 on one thread, 5,000 on each of
  // eight; and 1,000 where the key says so. Those that write one at a time have one.
  add_sharing<transition_input, ours::transition<200>, least::transition<200, 2>,
              row_at_a_time::transition, bare_disk::transition, unnest::transition<200>,
              pipeline::transition<200>>(to, {"transition", "distinct", 1, usual_size},
                                         share_of(1));
  add_sharing<transition_input, ours::transition<10>, least::transition<10, 2>,
              row_at_a_time::transition, unnest::transition<10>, pipeline::transition<10>>(
      to, {"transition", "distinct/in_flight:1000", 1, usual_size}, share_of(1));
  add_sharing<transition_input, ours::transition<50>, least::transition<50, 1>,
              row_at_a_time::transition, bare_disk::transition, unnest::transition<50>,
              pipeline::transition<50>>(to, {"transition", "distinct/threads:8", 8, usual_size},
                                        share_of(8));
  // The engine and unnest write the last of the 1,250 transitions of a task, the others all.
  constexpr std::size_t hot_tasks = 16;
  const task_maker hot = [](unsigned) { return first_tasks(hot_tasks); };
  add_sharing<transition_input, ours::transition<200>, row_at_a_time::transition,
              unnest::last_transition<200>, pipeline::transition<200>>(
      to, {"transition", "hot_row", 1, usual_size}, hot);
  add_sharing<transition_input, ours::hot_ratio, indexed_status::hot_ratio>(
      to, {"hot_ratio", "", 1, usual_size}, share_of(1));
}

// What writes in the order in which transitions come deadlocks, and is written again.
void add_reversed(suite& to) {
  constexpr std::size_t reversed_tasks = 1'000;
  add_sharing<transition_input, ours::transition<10>, unnest::transition<10>,
              unnest::unsorted_transition<10>, pipeline::unsorted_transition<10>>(
      to, {"transition", "reversed", 2, usual_size}, [](unsigned thread) {
        std::vector<task_key> tasks = first_tasks(reversed_tasks);
        if (thread % 2 == 1) {
          std::reverse(tasks.begin(), tasks.end());
        }
        return tasks;
      });
}

/// Why rows are missing; empty: none are.
std::string missing_rows() {
  if (!is_given()) {
    return "";
  }
  engine::fixtures::postgres_session session(server().url());
  return session.value("SELECT has_parameter_privilege('deadlock_timeout', 'SET')") == "t"
             ? ""
             : "no rows transition/…/reversed: the role may not set deadlock_timeout, and each "
               "deadlock would take a second";
}

void add_latencies(suite& to, const settings& chosen) {
  for (const unsigned writers : {1U, 8U, 64U}) {
    add_sharing<acknowledge_input, ours::acknowledge, row_at_a_time::acknowledge>(
        to, {"acknowledge", fmt::format("writers:{}", writers), writers, usual_size},
        share_of(writers));
  }
  constexpr unsigned per_second = 5'000;
  const std::chrono::milliseconds window(chosen.effort == effort::full ? 1'000 : 250);
  add_group<open_loop_input, ours::open_loop>(
      to, {"open_loop", fmt::format("rate:{}", per_second), 1, usual_size}, [window](unsigned) {
        return open_loop_input(stored_tasks(), std::make_shared<transition_shared>(), per_second,
                               window);
      });
}

void register_all(suite& to, const settings& chosen) {
  to.add_waiting_rows();
  const std::string missing = missing_rows();
  set_context_without(to, missing);
  add_inserts(to);
  add_transitions(to);
  if (missing.empty()) {
    add_reversed(to);
  }
  add_latencies(to, chosen);
}

}  // namespace
}  // namespace headroom::postgres_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures the engine's batch writer on PostgreSQL beside the machine's floor and the usual "
      "ways of writing rows. The server is one of its own, by the programs in "
      "HEADROOM_POSTGRES_BIN if that is set, or the one that HEADROOM_POSTGRES_URL names.",
      headroom::postgres_bench::register_all);
}
