#include "bench/harness/run_row.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bench/harness/checked_row.h"
#include "bench/harness/recorded_section.h"
#include "bench/harness/settings.h"

namespace headroom {
namespace {

using clock = std::chrono::steady_clock;
using subjects = std::vector<std::unique_ptr<subject>>;

/// The clock is read this often, which no profile shows.
constexpr std::chrono::milliseconds between_readings{1};

void run_times(subject& body, std::uint64_t times) {
  if (!body.has_prepare()) {
    body.run(times);
    return;
  }
  for (std::uint64_t left = times; left > 0;) {
    const std::uint64_t now = std::min(left, body.batch());
    {
      const uncounted pause;
      body.prepare();
    }
    body.run(now);
    left -= now;
  }
}

std::uint64_t run_until(subject& body, clock::time_point end) {
  std::uint64_t runs = 0;
  std::uint64_t times = body.batch();
  for (clock::time_point start = clock::now();;) {
    run_times(body, times);
    runs += times;
    const clock::time_point now = clock::now();
    if (now >= end) {
      return runs;
    }
    if (now - start < between_readings) {
      times *= 2;
    }
    start = now;
  }
}

struct outcome {
  std::uint64_t runs = 0;
  double seconds = 0;
};

/// One thread for each, or none for a single one. Profilers record from when all of them are there.
outcome run_all(const subjects& bodies, const settings& chosen) {
  std::vector<std::uint64_t> runs(bodies.size(), chosen.run_iterations);
  clock::time_point end;
  const auto work = [&](std::size_t at) {
    if (chosen.run_seconds > 0) {
      runs[at] = run_until(*bodies[at], end);
    } else {
      run_times(*bodies[at], chosen.run_iterations);
    }
  };
  std::barrier ready(static_cast<std::ptrdiff_t>(bodies.size() + 1));
  std::vector<std::jthread> threads;
  for (std::size_t at = 0; at < bodies.size() && bodies.size() > 1; ++at) {
    threads.emplace_back([&, at] {
      ready.arrive_and_wait();
      work(at);
    });
  }
  const recorded_section recorded(chosen.perf_control);
  const clock::time_point start = clock::now();
  end = start + std::chrono::duration_cast<clock::duration>(
                    std::chrono::duration<double>(chosen.run_seconds));
  if (threads.empty()) {
    work(0);
  } else {
    ready.arrive_and_wait();
    threads.clear();
  }
  outcome all{0, std::chrono::duration<double>(clock::now() - start).count()};
  for (const std::uint64_t each : runs) {
    all.runs += each;
  }
  return all;
}

}  // namespace

int run_row(const suite& measured, const settings& chosen) {
  const checked_row row = open_checked(measured, chosen.run_row);
  if (row.status != 0) {
    return row.status;
  }
  const outcome all = run_all(row.subjects, chosen);
  if (chosen.run_seconds > 0) {
    fmt::print("{{\"runs\": {}, \"seconds\": {:.6f}, \"threads\": {}}}\n", all.runs, all.seconds,
               row.subjects.size());
  }
  return 0;
}

}  // namespace headroom
