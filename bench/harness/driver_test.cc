// Drives a small suite through Google Benchmark and reads the JSON that comes out.
#include "bench/harness/driver.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "bench/harness/main.h"
#include "bench/harness/settings.h"

namespace headroom {
namespace {

struct number_input {
  int wanted = 42;
  [[nodiscard]] double items() const { return 2; }
  [[nodiscard]] std::string mismatch(int answer) const { return answer == wanted ? "" : "not 42"; }
};

struct right {
  static constexpr std::string_view name = "engine";
  explicit right(const number_input& input) : wanted(input.wanted) {}
  void run() { found = wanted; }
  [[nodiscard]] int answer() const { return found; }
  [[nodiscard]] static std::vector<counter> counters() { return {{"bytes_per_node", 7}}; }
  int wanted;
  int found = 0;
};

struct wrong {
  static constexpr std::string_view name = "wrong";
  explicit wrong(const number_input&) {}
  void run() {}
  [[nodiscard]] static int answer() { return 41; }
};

/// Counts what is done to it, in batches of four.
struct batched {
  static constexpr std::string_view name = "floor";
  static constexpr std::uint64_t batch = 4;
  explicit batched(const number_input&) {}
  void prepare() { since_prepare = 0; }
  void run() { ++since_prepare; }
  [[nodiscard]] std::string check() const { return since_prepare == batch ? "" : "batch broken"; }
  std::uint64_t since_prepare = 0;
};

struct interrupting {
  static constexpr std::string_view name = "interrupting";
  explicit interrupting(const number_input& input) : wanted(input.wanted) {}
  void run() {
    if (!std::exchange(raised, true)) {
      (void)std::raise(SIGINT);
    }
  }
  [[nodiscard]] int answer() const { return wanted; }
  int wanted;
  bool raised = false;
};

/// A results file that is gone afterwards.
class results_file {
 public:
  results_file() {
    const int descriptor = mkstemp(path_.data());
    EXPECT_GE(descriptor, 0);
    close(descriptor);
  }
  ~results_file() { (void)std::remove(path_.c_str()); }
  results_file(const results_file&) = delete;
  results_file& operator=(const results_file&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t count(const std::string& pattern) const {
    const std::string all = text();
    const std::regex wanted(pattern);
    return std::distance(std::sregex_iterator(all.begin(), all.end(), wanted),
                         std::sregex_iterator());
  }
  /// The number under `key` of the first row with this name; NAN if there is none.
  [[nodiscard]] double number(const std::string& name, const std::string& key) const {
    const std::string all = text();
    const std::size_t row = all.find("\"name\": \"" + name + "\"");
    const std::size_t at = all.find("\"" + key + "\": ", row);
    return row < at && at < all.size() ? std::stod(all.substr(at + key.size() + 4)) : NAN;
  }

 private:
  std::string path_ = testing::TempDir() + "headroom_XXXXXX";
};

template <class... Candidates>
int run_suite(std::vector<std::string> flags, unsigned threads = 1) {
  flags.insert(flags.begin(), "bench_test");
  std::vector<char*> arguments;
  arguments.reserve(flags.size());
  for (std::string& flag : flags) {
    arguments.push_back(flag.data());
  }
  return benchmark_main(static_cast<int>(arguments.size()), arguments.data(), "A test.",
                        [&](suite& to, const settings&) {
                          add_group<number_input, Candidates...>(
                              to, {"find", "small/nodes:1", threads, 1},
                              [](unsigned) { return number_input{}; });
                        });
}

TEST(driver, writes_rows_under_their_stable_names) {
  const results_file results;
  EXPECT_EQ((run_suite<right, batched>(
                {"--quick", "--benchmark_repetitions=6", "--benchmark_out=" + results.path()})),
            0);
  EXPECT_EQ(results.count(R"("name": "find/engine/small/nodes:1",)"), 6);
  EXPECT_EQ(results.count(R"("name": "find/floor/small/nodes:1",)"), 6);
  EXPECT_EQ(results.count("\"name\": \"find/engine/small/nodes:1_(median|p05)\","), 2);
  EXPECT_GE(results.count("\"bytes_per_node\": 7"), 6);
  for (const char* key : {"commit", "dirty", "compiler", "flags", "cpu", "kernel", "allocator"}) {
    EXPECT_EQ(results.count("\"" + std::string(key) + "\": \""), 1) << key;
  }
}

TEST(driver, goes_through_everything_once_for_each_round) {
  const results_file results;
  EXPECT_EQ((run_suite<right, batched>({"--quick", "--rounds", "3", "--benchmark_repetitions=2",
                                        "--benchmark_out=" + results.path()})),
            0);
  EXPECT_EQ(results.count(R"("name": "find/engine/small/nodes:1",)"), 6);
  EXPECT_EQ(results.count(R"("name": "find/floor/small/nodes:1",)"), 6);
}

TEST(driver, names_threads_as_google_benchmark_does) {
  const results_file results;
  EXPECT_EQ((run_suite<right>(
                {"--quick", "--benchmark_repetitions=2", "--benchmark_out=" + results.path()}, 2)),
            0);
  EXPECT_EQ(results.count(R"("name": "find/engine/small/nodes:1/real_time/threads:2",)"), 2);
  EXPECT_GE(results.count("\"latency_us_p99\": "), 2);
}

TEST(driver, fails_on_a_wrong_answer_and_times_only_the_others) {
  const results_file results;
  EXPECT_EQ((run_suite<right, wrong>({"--quick", "--benchmark_out=" + results.path()})), 1);
  EXPECT_EQ(results.count("\"error_message\": \"wrong answer: not 42\""), 1);
  EXPECT_GT(results.count(R"("name": "find/engine/small/nodes:1",)"), 1);
}

/// Right for as long as it is not timed.
struct wrong_later : right {
  static constexpr std::string_view name = "wrong_later";
  using right::right;
  void run() { found = ++runs < 10 ? wanted : 41; }
  int runs = 0;
};

TEST(driver, fails_on_an_answer_that_goes_wrong_while_it_is_timed) {
  const results_file results;
  EXPECT_EQ((run_suite<right, wrong_later>({"--quick", "--benchmark_out=" + results.path()})), 1);
  EXPECT_EQ(results.count("\"error_message\": \"wrong answer after timing: not 42\""), 1);
}

TEST(driver, names_the_row_with_threads_whose_answer_goes_wrong) {
  const results_file results;
  EXPECT_EQ((run_suite<wrong_later>({"--quick", "--benchmark_out=" + results.path()}, 2)), 1);
  EXPECT_EQ(results.count("\"name\": \"find/wrong_later/small/nodes:1/real_time/threads:2\","
                          "[^}]*\"error_message\": \"wrong answer after timing: not 42\""),
            1);
}

/// Every other one takes ten times as long.
struct uneven : right {
  explicit uneven(const number_input& input) : right(input), slow(++made % 2 == 0) {}
  void run() {
    right::run();
    std::this_thread::sleep_for(std::chrono::microseconds(slow ? 1'000 : 100));
  }
  static inline int made = 0;
  bool slow;
};

TEST(driver, times_threads_from_the_first_start_to_the_last_finish) {
  const results_file results;
  EXPECT_EQ((run_suite<uneven>(
                {"--quick", "--benchmark_repetitions=2", "--benchmark_out=" + results.path()}, 2)),
            0);
  // Two runs side by side take a millisecond, half of one each. The mean of both threads' own times
  // would be little more than half of that.
  EXPECT_GE(results.number("find/engine/small/nodes:1/real_time/threads:2_p05", "real_time"),
            450'000);
}

/// Gets Ctrl-C when some of its repetitions, of a run each, are done.
struct interrupting_late : right {
  using right::right;
  void run() {
    right::run();
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    if (++runs == 20) {
      (void)std::raise(SIGINT);
    }
  }
  std::uint64_t runs = 0;
};

TEST(driver, keeps_what_was_measured_before_it_was_interrupted) {
  const results_file results;
  EXPECT_EQ((run_suite<interrupting_late>(
                {"--quick", "--benchmark_repetitions=30", "--benchmark_out=" + results.path()})),
            130);
  EXPECT_GT(results.count(R"("name": "find/engine/small/nodes:1",)"), 2);
  EXPECT_LT(results.count(R"("name": "find/engine/small/nodes:1",)"), 20);
  EXPECT_TRUE(results.text().ends_with("}\n")) << results.text();
  EXPECT_EQ(results.count("interrupted"), 0);
  EXPECT_EQ(results.count("_(median|p05)"), 0) << "a summary of less than all";
}

/// Gets Ctrl-C at a run by which some of the threads that run others may not have begun.
struct interrupting_early : right {
  using right::right;
  void run() {
    right::run();
    if (runs_left.fetch_sub(1) == 1) {
      (void)std::raise(SIGINT);
    }
  }
  static inline std::atomic<std::int64_t> runs_left = 0;  // of all threads
};

TEST(driver, ends_all_threads_when_interrupted) {
  for (const std::int64_t runs : {10, 100, 1'000, 10'000, 1'000'000}) {
    const results_file results;
    interrupting_early::runs_left = runs;
    EXPECT_EQ(
        (run_suite<interrupting_early>(
            {"--quick", "--benchmark_repetitions=30", "--benchmark_out=" + results.path()}, 8)),
        130);
    const std::string text = results.text();
    EXPECT_TRUE(text.empty() || text.ends_with("}\n")) << text;
  }
}

TEST(driver, names_its_executable_and_says_when_it_cannot_write) {
  const results_file results;
  EXPECT_EQ((run_suite<right>({"--quick", "--benchmark_out=" + results.path()})), 0);
  EXPECT_EQ(results.count(R"("executable": "bench_test")"), 1);
  EXPECT_EQ((run_suite<right>({"--quick", "--benchmark_out=/dev/full"})), 2);
}

TEST(driver, completes_its_results_when_interrupted) {
  const results_file results;
  EXPECT_EQ((run_suite<right, interrupting>({"--quick", "--benchmark_out=" + results.path()})),
            130);
  const std::string text = results.text();
  EXPECT_TRUE(text.empty() || text.ends_with("}\n")) << text;
  EXPECT_EQ(results.count("interrupted"), 0);
}

TEST(driver, refuses_what_cannot_be_measured_or_written) {
  EXPECT_EQ((run_suite<right>({"--benchmark_filter=nothing_like_it"})), 2);
  EXPECT_EQ((run_suite<right>({"--benchmark_filter=("})), 2);
  EXPECT_EQ((run_suite<right>({"--benchmark_out=/nonexistent/folder/x.json"})), 2);
  EXPECT_EQ((run_suite<right>({"--benchmark_no_such_flag=1"})), 2);
}

}  // namespace
}  // namespace headroom
