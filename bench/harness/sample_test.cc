// Samples, counts and describes a small suite, and reads the JSON that comes out.
#include "bench/harness/sample.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/harness/burden.h"
#include "bench/harness/count.h"
#include "bench/harness/describe.h"
#include "bench/harness/settings.h"
#include "bench/harness/turns.h"

namespace headroom {
namespace {

struct number_input {
  [[nodiscard]] static double items() { return 1; }
  [[nodiscard]] static std::string mismatch(int answer) { return answer == 42 ? "" : "not 42"; }
};

/// About a microsecond.
struct busy {
  static constexpr std::string_view name = "engine";
  explicit busy(const number_input&) {}
  void run() {
    for (int step = 0; step < 1'000; ++step) {
      state = state * 6364136223846793005U + 1;
      asm volatile("" : "+r"(state));
    }
  }
  [[nodiscard]] static int answer() { return 42; }
  std::uint64_t state = 1;
};

struct allocating {
  static constexpr std::string_view name = "allocating";
  explicit allocating(const number_input&) {}
  void run() { kept = std::make_unique<char[]>(100); }
  [[nodiscard]] static int answer() { return 42; }
  std::unique_ptr<char[]> kept;
};

struct wrong {
  static constexpr std::string_view name = "wrong";
  explicit wrong(const number_input&) {}
  void run() {}
  [[nodiscard]] static int answer() { return 41; }
};

/// In batches of four, never more between two calls of prepare().
struct batched {
  static constexpr std::string_view name = "floor";
  static constexpr std::uint64_t batch = 4;
  explicit batched(const number_input&) {}
  void prepare() { since_prepare = 0; }
  void run() { broken |= ++since_prepare > batch; }
  [[nodiscard]] std::string check() const { return broken ? "batch broken" : ""; }
  std::uint64_t since_prepare = 0;
  bool broken = false;
};

suite small_suite() {
  suite made;
  for (const unsigned threads : {1U, 4U}) {
    add_group<number_input, busy, allocating, wrong, batched>(
        made, {"work", "case", threads, 10}, [](unsigned) { return number_input{}; });
  }
  return made;
}

struct outcome {
  int status;
  std::string text;

  /// The numbers in the list under `key`.
  [[nodiscard]] std::vector<double> list(const std::string& key) const {
    std::vector<double> found;
    std::smatch inside;
    if (std::regex_search(text, inside, std::regex('"' + key + "\": \\[([^\\]]*)\\]"))) {
      const std::string numbers = inside[1];
      const std::regex number("[-+.e0-9]+");
      for (std::sregex_iterator at(numbers.begin(), numbers.end(), number), end; at != end; ++at) {
        found.push_back(std::stod(at->str()));
      }
    }
    return found;
  }
  [[nodiscard]] double median(const std::string& key) const {
    std::vector<double> values = list(key);
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
  }
};

outcome captured(const std::function<int()>& action) {
  testing::internal::CaptureStdout();
  try {
    const int status = action();
    return {status, testing::internal::GetCapturedStdout()};
  } catch (...) {
    (void)testing::internal::GetCapturedStdout();
    throw;
  }
}

outcome sampled(const sample_settings& how) {
  const suite all = small_suite();
  settings chosen;
  chosen.sample = how;
  return captured([&] { return sample(all, chosen); });
}

outcome counted(const std::string& row, std::uint64_t iterations) {
  const suite all = small_suite();
  settings chosen;
  chosen.count_row = row;
  chosen.run_iterations = iterations;
  return captured([&] { return count(all, chosen); });
}

TEST(sample, prints_as_many_chunks_as_asked) {
  const outcome found = sampled({.row = "work/engine/case", .chunks = 12, .chunk_us = 50});
  EXPECT_EQ(found.status, 0);
  EXPECT_EQ(found.list("times_ns").size(), 12U);
  EXPECT_EQ(found.list("controls_ns").size(), 12U);
  EXPECT_GT(found.median("times_ns"), 100);
  EXPECT_EQ(found.text.find("latency"), std::string::npos);
}

TEST(sample, long_bodies_take_one_run_a_chunk_and_few_chunks) {
  const outcome found = sampled({.row = "work/engine/case", .chunks = 1'000, .chunk_us = 1});
  EXPECT_NE(found.text.find("\"runs\": 1,"), std::string::npos) << found.text;
  EXPECT_GE(found.list("times_ns").size(), 16U);
}

TEST(sample, threads_run_together_and_tell_latencies) {
  const outcome found =
      sampled({.row = "work/engine/case/real_time/threads:4", .chunks = 5, .chunk_us = 200});
  EXPECT_EQ(found.status, 0);
  EXPECT_EQ(found.list("times_ns").size(), 5U);
  EXPECT_NE(found.text.find("\"latency_p50_ns\": "), std::string::npos);
  EXPECT_NE(found.text.find("\"latency_p99_ns\": "), std::string::npos);
}

TEST(sample, batches_stay_whole) {
  EXPECT_EQ(sampled({.row = "work/floor/case", .chunks = 20, .chunk_us = 30}).status, 0);
}

TEST(sample, refuses_what_cannot_be_sampled) {
  EXPECT_EQ(sampled({.row = "work/wrong/case"}).status, 1);
  EXPECT_EQ(sampled({.row = "work/nobody/case"}).status, 2);
  EXPECT_THROW(sampled({.row = "work/engine/case", .turns_path = "/nowhere/turns"}),
               std::runtime_error);
}

TEST(sample, a_partner_that_left_ends_it) {
  std::string path = testing::TempDir() + "headroom_sample_XXXXXX";
  const int descriptor = mkstemp(path.data());
  ASSERT_GE(descriptor, 0);
  close(descriptor);
  std::ofstream(path, std::ios::binary) << std::string(turns::bytes, '\0');
  { const turns leaves(path, 0); }
  EXPECT_EQ(sampled({.row = "work/engine/case", .turns_path = path, .side = 1}).status, 3);
  (void)std::remove(path.c_str());
}

TEST(sample, a_burden_takes_its_share) {
  const auto made = [] {
    return std::make_unique<subject_of<number_input, busy>>(std::make_shared<number_input>());
  };
  const auto seconds = [](subject& body) {
    double fastest = 1;
    for (int round = 0; round < 50; ++round) {
      const auto start = std::chrono::steady_clock::now();
      body.run(20);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      fastest = std::min(fastest, spent.count() / 20);
    }
    return fastest;
  };
  const auto plain = made();
  const double alone = seconds(*plain);
  burdened slow(made(), 1.0, alone);
  EXPECT_NEAR(seconds(slow) / alone, 2, 0.6);  // Sanitizers and neighbours are not that exact.
  EXPECT_EQ(slow.check(), "");
  EXPECT_EQ(slow.batch(), 1U);
}

TEST(count, memory_is_always_the_same) {
  const outcome found = counted("work/allocating/case", 100);
  EXPECT_EQ(found.status, 0);
  EXPECT_NE(found.text.find("\"runs\": 100,"), std::string::npos) << found.text;
  const std::vector<double> allocations = found.list("allocations");
  for (const double each : allocations) {
    EXPECT_EQ(each, 1);
  }
  EXPECT_EQ(counted("work/floor/case", 1).text.find("\"runs\": 4,"), 1U);  // A whole batch.
}

TEST(count, refuses_what_cannot_be_counted) {
  EXPECT_EQ(counted("work/wrong/case", 1).status, 1);
  EXPECT_EQ(counted("work/nobody/case", 1).status, 2);
  EXPECT_EQ(counted("work/engine/case/real_time/threads:4", 1).status, 2);
}

TEST(gate, names_rows_that_are_there) {
  suite all = small_suite();
  EXPECT_TRUE(all.gate().empty());
  all.set_gate({"work/engine/case", "work/engine/case/real_time/threads:4"});
  EXPECT_EQ(all.gate().size(), 2U);
  EXPECT_THROW(all.set_gate({"work/nobody/case"}), std::logic_error);
  EXPECT_THROW(all.set_gate(std::vector<std::string>(suite::gate_max + 1, "work/engine/case")),
               std::logic_error);
  EXPECT_EQ(all.gate().size(), 2U);
}

TEST(gate, knows_rows_by_their_whole_names) {
  suite all;
  add_group<number_input, busy, allocating>(all, {"work", "case", 4, 10},
                                            [](unsigned) { return number_input{}; });
  const std::vector<std::string> whole = {"work/engine/case/real_time/threads:4"};
  all.set_gate({"work/engine/case"});
  EXPECT_EQ(all.gate(), whole);
  all.set_gate(whole);
  EXPECT_EQ(all.gate(), whole);
}

TEST(describe, tells_rows_and_gate) {
  suite all = small_suite();
  all.set_gate({"work/engine/case"});
  const outcome found = captured([&] {
    describe(all);
    return 0;
  });
  EXPECT_EQ(found.text.find(R"({"protocol": 1, "context": {"commit": ")"), 0U);
  EXPECT_NE(
      found.text.find(R"({"name": "work/wrong/case", "threads": 1, "size": 10, "waits": false})"),
      std::string::npos);
  EXPECT_NE(
      found.text.find(
          R"({"name": "work/engine/case/real_time/threads:4", "threads": 4, "size": 10, "waits": false})"),
      std::string::npos);
  EXPECT_NE(found.text.find(R"("gate": ["work/engine/case"]})"), std::string::npos);
}

}  // namespace
}  // namespace headroom
