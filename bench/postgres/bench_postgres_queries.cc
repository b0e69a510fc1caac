// bench_postgres_queries: asking a history of a million executions, beside the least that reads as
// many rows, beside the same rows by their primary keys, and beside OFFSET and count(*).
//
// A new candidate is a file beside this one, with a class for each operation that it can do, and
// its name in the lists below.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include <fmt/format.h>

#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "bench/postgres/count_star.h"
#include "bench/postgres/get_engine.h"
#include "bench/postgres/get_floor.h"
#include "bench/postgres/list_by_key.h"
#include "bench/postgres/list_engine.h"
#include "bench/postgres/list_floor.h"
#include "bench/postgres/list_input.h"
#include "bench/postgres/list_offset.h"
#include "bench/postgres/mixed_engine.h"
#include "bench/postgres/query_store.h"

namespace headroom::postgres_bench {
namespace {

// A page's number is what its history must be large enough for; the others cost the same.
std::uint64_t size_of(std::size_t page_number) {
  return page_number >= 10'000 ? 200'000 : 100 * page_number;
}

template <class... Candidates>
void add_page(suite& to, const std::string& operation, const list_place& place) {
  add_group<list_input, Candidates...>(
      to, {operation, fmt::format("page:{}", place.page_number), 1, size_of(place.page_number)},
      [place](unsigned) { return list_input(place); });
}

void add_lists(suite& to, effort spent) {
  // Smoke runs have a small history.
  const std::size_t page_max = spent == effort::smoke ? 10 : 10'000;
  const auto add = [&](const std::string& operation, list_kind kind,
                       std::initializer_list<std::size_t> pages) {
    for (const std::size_t page : pages) {
      if (page <= page_max) {
        add_page<ours::list, least::list, by_key::list, offset::list, offset::late_join>(
            to, operation, {kind, page, std::min(page_max, *(pages.end() - 1)), false});
      }
    }
  };
  add("list", list_kind::tenant, {1, 10, 100, 1'000, 10'000});
  // The same work wherever the page is: below what is active, at several places for each page.
  for (const std::size_t page : {std::size_t{1}, page_max}) {
    add_page<ours::list, least::list>(to, "list_settled",
                                      {list_kind::tenant, page, page_max, true});
  }
  add("list_status", list_kind::status, {1, 100});  // Five of a hundred fail.
  add("list_workflow", list_kind::workflow, {1, 100});
  add("list_time", list_kind::time, {1, 100});
}

// One round of at least half a minute; else a glance.
void add_mixed(suite& to, effort spent) {
  const bool is_full = spent == effort::full;
  const mixed_rates rates;
  const std::chrono::milliseconds window(is_full ? 4'000 : 250);
  add_group<mixed_input, mixed_engine>(
      to,
      {"mixed",
       fmt::format("queries:{}/executions:{}", rates.queries_per_s, rates.executions_per_s), 1,
       is_full ? 200'000U : 1'000U},
      [rates, window](unsigned) { return mixed_input(rates, window); });
}

void register_all(suite& to, const settings& chosen) {
  choose_history_size(chosen.effort);
  to.add_waiting_rows();
  to.set_context(seeded_context);
  add_lists(to, chosen.effort);
  add_group<get_input, ours::get, least::get>(to, {"get", "", 1, 1'000},
                                              [](unsigned) { return get_input(); });
  for (const std::uint32_t kb : engine::fixtures::postgres_history::payloads_kb) {
    add_group<trace_input, ours::trace, least::trace>(
        to, {"trace", fmt::format("payload_kb:{}", kb), 1, 1'000},
        [kb](unsigned) { return trace_input(kb); });
  }
  add_group<count_input, ours::count, least::count, count_star::count>(
      to, {"count", "", 1, 1'000}, [](unsigned) { return count_input(); });
  add_mixed(to, chosen.effort);
}

}  // namespace
}  // namespace headroom::postgres_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures the engine's queries of a history on PostgreSQL beside the machine's floor, OFFSET "
      "and count(*). The server is one of its own, by the programs in HEADROOM_POSTGRES_BIN if "
      "that "
      "is set, or the one that HEADROOM_POSTGRES_URL names.",
      headroom::postgres_bench::register_all);
}
