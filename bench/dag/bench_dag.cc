// bench_dag: building, validating and running task graphs, beside the floor, Boost.Graph and LEMON.
//
// A new candidate is one file beside this one, and its name in the lists below.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/dag/boost_adjacency_list.h"
#include "bench/dag/boost_csr.h"
#include "bench/dag/engine.h"
#include "bench/dag/floor.h"
#include "bench/dag/full_resort.h"
#include "bench/dag/inputs.h"
#include "bench/dag/lemon.h"
#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "fixtures/corpus.h"

namespace headroom::dag_bench {
namespace {

namespace fixtures = engine::fixtures;
using fixtures::shape;

constexpr std::uint32_t sizes[] = {10, 100, 1'000, 10'000, 100'000};
constexpr std::uint32_t largest = 1'000'000;
constexpr std::size_t corpus_lines_max = 5;

std::string case_of(shape which, std::uint32_t nodes) {
  return fmt::format("{}/nodes:{}", fixtures::name_of(which), nodes);
}

// Threads work on graphs of their own, each on another.
template <class Input>
std::function<Input(unsigned)> generate(fixtures::workflow_options options) {
  return [options](unsigned thread) mutable {
    auto of_thread = options;
    of_thread.seed += thread;
    return Input(fixtures::workflow(of_thread));
  };
}

void add_build(suite& to, shape which, std::uint32_t nodes, unsigned threads = 1) {
  add_group<graph_input, ours::build, least::build, boost_adjacency_list::build, boost_csr::build,
            lemon_static::build>(to, {"build", case_of(which, nodes), threads, nodes},
                                 generate<graph_input>({.shape = which, .tasks = nodes}));
}

void add_build_ids(suite& to, shape which, std::uint32_t nodes) {
  add_group<graph_input, ours::build_ids, least::build_ids, boost_adjacency_list::build_ids,
            boost_csr::build_ids, lemon_static::build_ids>(
      to, {"build_ids", case_of(which, nodes), 1, nodes},
      generate<graph_input>({.shape = which, .tasks = nodes}));
}

// The cycle stands where it is found late: at the end of a chain, in the middle of everything else.
fixtures::fault fault_of(shape which) {
  return which == shape::chain || which == shape::fan_in ? fixtures::fault::cycle_at_end
         : which == shape::layered                       ? fixtures::fault::cycle_in_layer
                                                         : fixtures::fault::cycle_short;
}

void add_cycle(suite& to, shape which, std::uint32_t nodes, unsigned threads = 1) {
  add_group<cycle_input, ours::cycle, least::cycle, boost_adjacency_list::cycle, boost_csr::cycle,
            lemon_static::cycle>(
      to, {"cycle", case_of(which, nodes), threads, nodes},
      generate<cycle_input>({.shape = which, .tasks = nodes, .fault = fault_of(which)}));
}

// Compare the time by the byte at 1 and at 10 times as many tasks.
void add_hostile(suite& to, std::uint32_t nodes) {
  add_group<hostile_input, ours::hostile, least::hostile>(
      to, {"hostile", fmt::format("unknown_names/nodes:{}", nodes), 1, nodes},
      [nodes](unsigned) { return hostile_input(nodes); });
}

void add_schedule(suite& to, shape which, std::uint32_t nodes) {
  add_group<graph_input, ours::schedule, least::schedule, boost_adjacency_list::schedule,
            boost_csr::schedule, lemon_static::schedule>(
      to, {"schedule", case_of(which, nodes), 1, nodes},
      generate<graph_input>({.shape = which, .tasks = nodes}));
}

void add_insert_edge(suite& to, shape which, std::uint32_t nodes) {
  add_group<insertion_input, ours::insert_edge, least::insert_edge,
            boost_adjacency_list::insert_edge, full_resort::insert_edge>(
      to, {"insert_edge", case_of(which, nodes), 1, nodes}, [which, nodes](unsigned) {
        return insertion_input(fixtures::workflow({.shape = which, .tasks = nodes}),
                               ours::insert_edge::batch);
      });
}

void add_levels(suite& to, shape which, std::uint32_t nodes) {
  add_group<levels_input, ours::levels, least::levels, boost_adjacency_list::levels,
            boost_csr::levels, lemon_static::levels>(
      to, {"levels", case_of(which, nodes), 1, nodes},
      generate<levels_input>({.shape = which, .tasks = nodes}));
}

void print_first(std::string_view label, const std::vector<std::string>& texts) {
  const std::size_t shown = std::min(texts.size(), corpus_lines_max);
  for (std::size_t at = 0; at < shown; ++at) {
    fmt::print(stderr, "  {}: {}\n", label, texts[at]);
  }
  if (shown < texts.size()) {
    fmt::print(stderr, "  … and {} more\n", texts.size() - shown);
  }
}

void add_corpus(suite& to, const std::string& folder) {
  const fixtures::corpus loaded = fixtures::load_corpus(folder);
  fmt::print(stderr,
             "corpus: {} workflows in {} manifests; {} manifests have no graph, {} manifests or "
             "workflows are refused\n",
             loaded.workflows.size(), loaded.files, loaded.files_without_graph,
             loaded.refusals.size());
  print_first("refused", loaded.refusals);
  print_first("warning", loaded.warnings);
  add_group<corpus_input, over_corpus<ours::build>, over_corpus<least::build>,
            over_corpus<boost_adjacency_list::build>, over_corpus<boost_csr::build>,
            over_corpus<lemon_static::build>>(to, {"build", "corpus", 1, 0}, [folder](unsigned) {
    return corpus_input(fixtures::load_corpus(folder).workflows);
  });
}

void register_all(suite& to, const settings& chosen) {
  if (!chosen.corpus.empty()) {
    add_corpus(to, chosen.corpus);
  }

  const auto for_each_case = [&](auto add) {
    for (const std::uint32_t nodes : sizes) {
      for (const shape which : fixtures::all_shapes) {
        add(which, nodes);
      }
    }
    add(shape::layered, largest);
  };
  for_each_case([&](shape which, std::uint32_t nodes) { add_build(to, which, nodes); });
  for_each_case([&](shape which, std::uint32_t nodes) { add_build_ids(to, which, nodes); });
  for_each_case([&](shape which, std::uint32_t nodes) { add_cycle(to, which, nodes); });
  for (const unsigned threads : {2U, 4U, 8U}) {
    add_build(to, shape::layered, 1'000, threads);
    add_cycle(to, shape::layered, 1'000, threads);
  }
  for (const std::uint32_t nodes : {10'000U, 100'000U}) {
    add_hostile(to, nodes);
  }
  for_each_case([&](shape which, std::uint32_t nodes) { add_schedule(to, which, nodes); });
  for (const std::uint32_t nodes : {10'000U, 100'000U}) {
    for (const shape which : {shape::layered, shape::random}) {
      add_insert_edge(to, which, nodes);
    }
  }
  for_each_case([&](shape which, std::uint32_t nodes) { add_levels(to, which, nodes); });
  // No schedule of 1,000 tasks: the processor knows its branches by heart in one process and not in
  // the next, 20 % apart.
  to.set_gate({"build/engine/layered/nodes:100", "build/engine/layered/nodes:1000",
               "build/engine/layered/nodes:10000", "build/engine/random/nodes:1000",
               "build/engine/layered/nodes:1000/real_time/threads:4",
               "build_ids/engine/layered/nodes:1000", "build_ids/engine/layered/nodes:10000",
               "cycle/engine/layered/nodes:1000", "schedule/engine/layered/nodes:100",
               "schedule/engine/random/nodes:10000", "insert_edge/engine/layered/nodes:10000"});
}

}  // namespace
}  // namespace headroom::dag_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures the engine's task graphs beside the machine's floor, Boost.Graph and LEMON.",
      headroom::dag_bench::register_all);
}
