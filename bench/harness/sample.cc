#include "bench/harness/sample.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/harness/burden.h"
#include "bench/harness/checked_row.h"
#include "bench/harness/control_kernel.h"
#include "bench/harness/histogram.h"
#include "bench/harness/settings.h"
#include "bench/harness/turns.h"

namespace headroom {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// Runs `body` `runs` times, a multiple of its batch; how long that took, without what is prepared.
double time_runs(subject& body, std::uint64_t runs) {
  if (!body.has_prepare()) {
    const clock::time_point start = clock::now();
    body.run(runs);
    return seconds_since(start);
  }
  double spent = 0;
  for (std::uint64_t left = runs; left > 0; left -= body.batch()) {
    body.prepare();
    const clock::time_point start = clock::now();
    body.run(body.batch());
    spent += seconds_since(start);
  }
  return spent;
}

/// By so many runs that reading the clock does not weigh.
double fastest_run_seconds(subject& body) {
  constexpr double seconds_min = 2e-5;
  double fastest = INFINITY;
  std::uint64_t runs = body.batch();
  for (int round = 0; round < 3;) {
    const double seconds = time_runs(body, runs);
    if (seconds < seconds_min && !body.has_prepare()) {
      runs *= 2;
    } else {
      fastest = std::min(fastest, seconds / static_cast<double>(runs));
      ++round;
    }
  }
  return std::max(fastest, 1e-10);
}

/// What both sides do alike: how long a chunk is, how many there are, and of how many runs
/// together a latency is.
struct portions {
  static constexpr unsigned chunk_bits = 20;
  static constexpr unsigned latency_bits = 14;
  static constexpr double latency_seconds = 2e-6;  ///< worth two readings of the clock
  static constexpr std::uint32_t chunks_min = 16;  ///< of bodies longer than a chunk should be

  std::uint64_t runs;
  std::uint32_t chunks;
  std::uint32_t latency_batches;

  static portions choose(subject& body, const sample_settings& asked) {
    const double run_us = fastest_run_seconds(body) * 1e6;
    const double batch_us = run_us * static_cast<double>(body.batch());
    const double batches_max =
        1e9 / static_cast<double>(body.batch());  // What packed() has room for.
    const double batches = std::clamp(asked.chunk_us / batch_us, 1.0, std::max(1.0, batches_max));
    const auto runs = body.batch() * static_cast<std::uint64_t>(batches);
    const double affordable = asked.chunk_us * asked.chunks / (run_us * static_cast<double>(runs));
    const double chunks =
        std::clamp(affordable, double(std::min(chunks_min, asked.chunks)), double(asked.chunks));
    const double together = std::clamp(latency_seconds * 1e6 / batch_us, 1.0, 1e4);
    return {runs, static_cast<std::uint32_t>(chunks), static_cast<std::uint32_t>(together)};
  }

  [[nodiscard]] std::uint64_t packed() const {
    return (runs << latency_bits | latency_batches) << chunk_bits | chunks;
  }
  static portions unpack(std::uint64_t word) {
    const auto low_bits = [](std::uint64_t value, unsigned bits) {
      return static_cast<std::uint32_t>(value & ((1U << bits) - 1));
    };
    return {word >> (chunk_bits + latency_bits), low_bits(word, chunk_bits),
            low_bits(word >> chunk_bits, latency_bits)};
  }
};

/// The threads of a row, which run a chunk together.
class team {
 public:
  explicit team(std::vector<std::unique_ptr<subject>> bodies)
      : bodies_(std::move(bodies)),
        latencies_(bodies_.size()),
        start_(static_cast<std::ptrdiff_t>(bodies_.size() + 1)),
        finish_(static_cast<std::ptrdiff_t>(bodies_.size() + 1)) {
    for (std::size_t thread = 0; thread < bodies_.size(); ++thread) {
      threads_.emplace_back([this, thread] { work(thread); });
    }
  }
  team(const team&) = delete;
  team& operator=(const team&) = delete;

  ~team() {
    runs_ = 0;
    start_.arrive_and_wait();
  }

  /// Seconds until all of them have run a chunk.
  double time_chunk(const portions& chosen) {
    const clock::time_point start = clock::now();
    runs_ = chosen.runs;
    latency_batch_ = chosen.latency_batches * bodies_.front()->batch();
    start_.arrive_and_wait();
    finish_.arrive_and_wait();
    return seconds_since(start);
  }

  /// Of single runs, or of batches of 2 µs where a run is shorter. REQUIRES: none is running.
  [[nodiscard]] histogram latencies() const {
    histogram all;
    for (const histogram& each : latencies_) {
      all.merge(each);
    }
    return all;
  }
  void forget_latencies() {
    std::for_each(latencies_.begin(), latencies_.end(), [](histogram& each) { each.clear(); });
  }

 private:
  void work(std::size_t thread) {
    subject& body = *bodies_[thread];
    for (;;) {
      start_.arrive_and_wait();
      if (runs_ == 0) {
        return;
      }
      for (std::uint64_t left = runs_; left > 0;) {
        const std::uint64_t now = std::min(left, latency_batch_);
        const double seconds = headroom::time_runs(body, now);
        latencies_[thread].record(
            static_cast<std::uint64_t>(seconds * 1e9 / static_cast<double>(now)));
        left -= now;
      }
      finish_.arrive_and_wait();
    }
  }

  std::vector<std::unique_ptr<subject>> bodies_;
  std::vector<histogram> latencies_;
  std::uint64_t latency_batch_ = 1;
  std::uint64_t runs_ = 0;
  std::barrier<> start_;
  std::barrier<> finish_;
  std::vector<std::jthread> threads_;  // The last member: they are joined before the rest goes.
};

struct measured_chunks {
  portions portion{};
  std::vector<double> times_ns;     ///< by the run
  std::vector<double> controls_ns;  ///< of the control kernel before each
};

/// False if the partner left.
template <class TimeChunk>
bool take_turns(turns& shared, subject& first, const sample_settings& asked, TimeChunk time_chunk,
                measured_chunks& into) {
  control_kernel control;
  for (std::uint32_t at = 0; at == 0 || at < into.portion.chunks; ++at) {
    if (!shared.wait()) {
      return false;
    }
    if (at == 0) {
      if (shared.agreed() == 0) {
        shared.agree(portions::choose(first, asked).packed());
      }
      into.portion = portions::unpack(shared.agreed());
      (void)time_chunk(into.portion);  // To warm up.
    }
    into.controls_ns.push_back(control.time_ns());
    into.times_ns.push_back(time_chunk(into.portion) * 1e9 /
                            static_cast<double>(into.portion.runs));
    shared.pass();
  }
  shared.finish();
  return true;
}

void print(const measured_chunks& measured, const histogram* latencies) {
  fmt::print("{{\"runs\": {}, \"times_ns\": [{:.5g}], \"controls_ns\": [{:.5g}]",
             measured.portion.runs, fmt::join(measured.times_ns, ", "),
             fmt::join(measured.controls_ns, ", "));
  if (latencies != nullptr) {
    fmt::print(", \"latency_p50_ns\": {}, \"latency_p99_ns\": {}", latencies->value_at(0.5),
               latencies->value_at(0.99));
  }
  fmt::print("}}\n");
}

constexpr int partner_left = 3;

int sample_alone(turns& shared, subject& body, const sample_settings& asked) {
  measured_chunks chunks;
  const auto time_chunk = [&body](const portions& chosen) { return time_runs(body, chosen.runs); };
  if (!take_turns(shared, body, asked, time_chunk, chunks)) {
    return partner_left;
  }
  print(chunks, nullptr);
  return 0;
}

int sample_together(turns& shared, std::vector<std::unique_ptr<subject>> bodies,
                    const sample_settings& asked) {
  measured_chunks chunks;
  subject& first = *bodies.front();
  team threads(std::move(bodies));
  const auto time_chunk = [&](const portions& chosen) {
    if (chunks.times_ns.empty()) {
      threads.forget_latencies();  // Of the chunk to warm up.
    }
    return threads.time_chunk(chosen);
  };
  if (!take_turns(shared, first, asked, time_chunk, chunks)) {
    return partner_left;
  }
  const histogram latencies = threads.latencies();
  print(chunks, &latencies);
  return 0;
}

}  // namespace

int sample(const suite& measured, const settings& chosen) {
  const sample_settings& asked = chosen.sample;
  checked_row row = open_checked(measured, asked.row);
  if (row.status != 0) {
    return row.status;
  }
  if (asked.burden > 0) {
    for (std::unique_ptr<subject>& each : row.subjects) {
      const double run_seconds = fastest_run_seconds(*each);
      each = std::make_unique<burdened>(std::move(each), asked.burden, run_seconds);
    }
  }
  const auto shared = asked.turns_path.empty()
                          ? std::make_unique<turns>()
                          : std::make_unique<turns>(asked.turns_path, asked.side);
  return row.subjects.size() == 1 ? sample_alone(*shared, *row.subjects.front(), asked)
                                  : sample_together(*shared, std::move(row.subjects), asked);
}

}  // namespace headroom
