#include "bench/harness/driver.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/harness/allocation.h"
#include "bench/harness/common_window.h"
#include "bench/harness/context.h"
#include "bench/harness/histogram.h"
#include "bench/harness/plan.h"
#include "bench/harness/progress.h"
#include "bench/harness/reporting.h"
#include "bench/harness/row_filter.h"
#include "bench/harness/settings.h"
#include "bench/harness/stop_on_interrupt.h"
#include "subsystems/support/quote.h"

namespace headroom {
namespace {

using clock = std::chrono::steady_clock;

/// One candidate of a group, ready to be timed.
struct row {
  std::string name;           ///< as it is registered: the library adds the suffixes
  std::string reported_name;  ///< with them
  unsigned threads = 1;
  bool waits = false;
  std::vector<std::unique_ptr<subject>> subjects;  ///< one for each thread
  std::vector<histogram> latencies;                ///< likewise, if more than one
  std::unique_ptr<common_window> window;           ///< of the threads, if more than one
  std::string problem;  ///< why it is not timed; empty if its answer is right
  std::vector<counter> counters;
  double seconds_per_run = 0;
};

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// The fastest of up to three batches, by the run.
double time_one_run(subject& body) {
  double fastest = INFINITY;
  for (int round = 0;
       round < 3 && (round == 0 || fastest * static_cast<double>(body.batch()) < 0.1); ++round) {
    body.prepare();
    const clock::time_point start = clock::now();
    body.run(body.batch());
    fastest = std::min(fastest, seconds_since(start) / static_cast<double>(body.batch()));
  }
  return fastest;
}

std::vector<counter> allocation_counters(subject& body) {
  if (!allocation_meter::available()) {
    return {};
  }
  body.prepare();
  const allocation_meter meter;
  body.run(body.batch());
  const allocation_figures used = meter.read();
  const auto runs = static_cast<double>(body.batch());
  return {{"allocs_per_op", static_cast<double>(used.requests) / runs},
          {"alloc_bytes_per_op", static_cast<double>(used.bytes) / runs},
          {"peak_bytes", static_cast<double>(used.peak_bytes)}};
}

/// Makes a subject and runs it for the first time; with what that allocates, in `cold`.
std::unique_ptr<subject> make_subject(const subject_maker& make, std::size_t candidate,
                                      std::vector<counter>& cold) {
  std::unique_ptr<subject> made = make(candidate);
  made->prepare();
  const allocation_meter meter;
  made->run(made->batch());
  if (allocation_meter::available()) {
    cold = {{"cold_allocs", static_cast<double>(meter.read().requests)}};
  }
  return made;
}

/// Makes the subjects of a row and checks their answers; the figures beside the time follow.
void prepare_row(row& made, const std::vector<subject_maker>& makers, std::size_t candidate) {
  for (const subject_maker& make : makers) {
    made.subjects.push_back(make_subject(make, candidate, made.counters));
    const std::string wrong = made.subjects.back()->check();
    if (!wrong.empty() && made.problem.empty()) {
      made.problem = "wrong answer: " + wrong;
    }
  }
  if (made.problem.empty()) {
    subject& body = *made.subjects.front();
    made.seconds_per_run = time_one_run(body);
    const std::vector<counter> allocated = allocation_counters(body);
    made.counters.insert(made.counters.end(), allocated.begin(), allocated.end());
  }
}

std::deque<row> prepare_rows(const group& from, const std::vector<std::size_t>& selected) {
  std::vector<subject_maker> makers;
  for (unsigned thread = 0; thread < from.threads; ++thread) {
    makers.push_back(from.open(thread));
  }
  std::deque<row> rows(selected.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    rows[at].name = from.row_name(selected[at], false);
    rows[at].reported_name = from.row_name(selected[at]);
    rows[at].threads = from.threads;
    rows[at].waits = from.waits;
    if (from.threads > 1) {
      rows[at].latencies.resize(from.threads);
      rows[at].window = std::make_unique<common_window>(from.threads);
    }
    prepare_row(rows[at], makers, selected[at]);
  }
  return rows;
}

void add_latencies(benchmark::State& state, const row& timed) {
  histogram all;
  for (const histogram& each : timed.latencies) {
    all.merge(each);
  }
  constexpr std::pair<const char*, double> quantiles[] = {{"latency_us_p50", 0.5},
                                                          {"latency_us_p95", 0.95},
                                                          {"latency_us_p99", 0.99},
                                                          {"latency_us_p99_9", 0.999}};
  for (const auto& [name, quantile] : quantiles) {
    // The one that no sample lies above says nothing of itself.
    if (static_cast<double>(all.count()) * (1 - quantile) >= 1) {
      state.counters[name] = static_cast<double>(all.value_at(quantile)) / 1e3;
    }
  }
}

/// Each batch by itself, so that the slow ones show. Long runs are batches of their own; of short
/// ones, which the clock would outweigh, the latency is that of the batch by the run. Where runs
/// wait for others and only together make one answer, it is that of the answer.
void time_with_latencies(benchmark::State& state, row& timed, std::size_t thread,
                         std::uint64_t batch) {
  subject& body = *timed.subjects[thread];
  histogram& latencies = timed.latencies[thread];
  latencies.clear();
  const std::uint64_t answers = timed.waits ? batch / body.batch() : batch;
  std::optional<clock::time_point> began;
  auto left = state.max_iterations;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(batch))) {
    if (!began) {
      began = timed.window->start();
    }
    const clock::time_point start = clock::now();
    body.run(batch);
    latencies.record(
        static_cast<std::uint64_t>(std::chrono::nanoseconds(clock::now() - start).count()) /
        answers);
    left -= std::min(left, static_cast<benchmark::IterationCount>(batch));
    if (left == 0) {
      timed.window->finish(*began);
    }
  }
}

// Candidates take turns, so each begins with caches and branches as another left them. What is
// compared is the steady state.
void warm_up(subject& body, std::uint64_t batch, std::uint64_t batches) {
  for (; batches > 0; --batches) {
    body.prepare();
    body.run(batch);
  }
}

void time_in_batches(benchmark::State& state, subject& body, std::uint64_t batch) {
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(batch))) {
    if (body.has_prepare()) {
      state.PauseTiming();
      body.prepare();
      state.ResumeTiming();
    }
    body.run(batch);
  }
}

/// Runs of a row that are started together, and how many such batches go before each repetition.
struct portions {
  std::uint64_t batch;
  std::uint64_t warm_up_batches;
};

void time_row(benchmark::State& state, row& timed, const portions& chosen) {
  if (!timed.problem.empty()) {
    state.SkipWithError(timed.problem.c_str());
    return;
  }
  const auto thread = static_cast<std::size_t>(state.thread_index());
  if (timed.window && thread == 0) {
    timed.window->open();
  }
  if (stop_on_interrupt::requested()) {
    // Not skipped: the library refuses to summarise repetitions of unlike length.
    state.SetLabel(interrupted_label);
    while (state.KeepRunningBatch(state.max_iterations)) {
      if (timed.window) {  // Other threads may not have seen the request, and wait there.
        timed.window->finish(timed.window->start());
      }
    }
    return;
  }
  subject& body = *timed.subjects[thread];
  warm_up(body, chosen.batch, chosen.warm_up_batches);
  if (timed.threads > 1) {
    time_with_latencies(state, timed, thread, chosen.batch);
  } else {
    time_in_batches(state, body, chosen.batch);
  }
  state.SetItemsProcessed(
      static_cast<std::int64_t>(static_cast<double>(state.iterations()) * body.items()));
  if (thread == 0) {
    for (const std::vector<counter>& figures : {timed.counters, body.counters()}) {
      for (const counter& each : figures) {
        state.counters[each.name] = each.value;
      }
    }
    if (timed.threads > 1) {
      add_latencies(state, timed);
    }
  }
}

double low_quantile(const std::vector<double>& values) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(
      std::lround(0.05 * static_cast<double>(sorted.size() - 1)))];
}

// Threads that share processors take turns of some milliseconds: a repetition must hold many, or
// they do not run side by side.
constexpr double threaded_share = 10;

/// Registers a row with as many iterations and repetitions as its share of the group's budget
/// allows.
void register_row(row& timed, const settings& chosen, const budget& spent, std::size_t rows,
                  progress& shown) {
  const std::uint64_t unit = timed.subjects.front()->batch();
  const double unit_seconds = std::max(timed.seconds_per_run * static_cast<double>(unit), 1e-9);
  // Very short bodies run in batches, so that the library's loop does not weigh.
  const bool prepared = timed.subjects.front()->has_prepare();
  const auto grouped =
      prepared ? 1 : static_cast<std::uint64_t>(std::clamp(2e-6 / unit_seconds, 1.0, 1e4));
  const std::uint64_t batch = unit * grouped;
  const double batch_seconds = unit_seconds * static_cast<double>(grouped);
  const double wanted_batches =
      spent.repetition_seconds * (timed.threads > 1 ? threaded_share : 1) / batch_seconds;
  const auto batches = static_cast<std::uint64_t>(std::max(1.0, wanted_batches));
  const portions chosen_portions{batch, static_cast<std::uint64_t>(std::lround(wanted_batches))};
  auto* registered = benchmark::RegisterBenchmark(
      timed.name.c_str(), [&timed, &shown, chosen_portions](benchmark::State& state) {
        if (state.thread_index() == 0) {
          shown.show(timed.name);
        }
        time_row(state, timed, chosen_portions);
      });
  const double repetition_seconds =
      batch_seconds * static_cast<double>(batches + chosen_portions.warm_up_batches);
  const double affordable = spent.group_seconds / static_cast<double>(rows) / repetition_seconds;
  const int repetitions = chosen.repetitions.value_or(static_cast<int>(
      std::clamp(affordable, double(spent.repetitions_min), double(spent.repetitions_max))));
  registered->Repetitions(timed.problem.empty() ? repetitions : 1);
  if (!chosen.has_min_time) {
    registered->Iterations(static_cast<benchmark::IterationCount>(batch * batches));
  }
  if (timed.threads > 1) {
    registered->Threads(static_cast<int>(timed.threads));
  }
  if (timed.waits || timed.threads > 1) {
    registered->UseRealTime();
  }
  registered->ComputeStatistics("p05", low_quantile);
}

/// A body that was right before it was timed may not have stayed so.
void check_again(row& timed, reporting& report) {
  for (const std::unique_ptr<subject>& each : timed.subjects) {
    if (!timed.problem.empty()) {
      return;
    }
    const std::string wrong = each->check();
    if (!wrong.empty()) {
      timed.problem = "wrong answer after timing: " + wrong;
      report.fail(timed.reported_name, timed.problem);
    }
  }
}

void initialize_library(const suite& measured, const settings& chosen) {
  std::vector<std::string> flags = chosen.library_flags;
  static std::string program;  // The library keeps the pointer.
  program = chosen.program;
  std::vector<char*> arguments{program.data()};
  for (std::string& flag : flags) {
    arguments.push_back(flag.data());
  }
  auto count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
    throw early_exit{2};
  }
  static bool described = false;  // The library keeps its context for as long as the program runs.
  if (!std::exchange(described, true)) {
    for (const auto& [key, value] : describe_context()) {
      benchmark::AddCustomContext(key, value);
    }
    for (const auto& [key, value] : measured.context()) {
      benchmark::AddCustomContext(key, value);
    }
    if (chosen.effort != effort::full) {
      benchmark::AddCustomContext("quick", "true");
    }
  }
}

}  // namespace

int measure(const suite& measured, const settings& chosen) {
  const std::vector<step> steps = make_plan(measured, chosen);
  if (steps.empty()) {
    fmt::print(stderr, "error: no row matches {}; --list shows them all\n",
               engine::support::in_quotes(chosen.filter));
    return 2;
  }
  initialize_library(measured, chosen);
  double planned = 0;
  for (const step& each : steps) {
    planned += each.planned_seconds;
  }
  reporting report(chosen);
  const stop_on_interrupt interruptible;
  {
    progress shown(planned);
    for (const step& each : steps) {
      if (stop_on_interrupt::requested()) {
        break;
      }
      shown.show(each.measured->row_name(each.selected.front()));
      std::deque<row> rows = prepare_rows(*each.measured, each.selected);
      for (row& timed : rows) {
        register_row(timed, chosen, each.spent, rows.size(), shown);
      }
      benchmark::RunSpecifiedBenchmarks(&report, nullptr, ".");
      benchmark::ClearRegisteredBenchmarks();
      if (each.is_last) {
        for (row& timed : rows) {
          check_again(timed, report);
        }
      }
      shown.finish_step(each.planned_seconds);
    }
  }
  report.close();
  if (stop_on_interrupt::requested()) {
    fmt::print(stderr, "interrupted: what was measured before is kept\n");
    return 130;
  }
  return report.failed() ? 1 : 0;
}

void list_rows(const suite& measured, const settings& chosen) {
  const row_filter filter(chosen);
  for (const group& each : measured.groups()) {
    for (const std::size_t index : filter.select(each)) {
      fmt::print("{}\n", each.row_name(index));
    }
  }
}

}  // namespace headroom
