// Runs rows of a small suite, watched by a stand-in for perf that answers through its fifos.
#include "bench/harness/run_row.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/harness/settings.h"

namespace headroom {
namespace {

struct number_input {
  [[nodiscard]] static double items() { return 1; }
  [[nodiscard]] static std::string mismatch(int answer) { return answer == 42 ? "" : "not 42"; }
};

std::atomic<std::uint64_t> runs_of_all{0};
std::atomic<int> subjects_alive{0};
std::atomic<int> subjects_most{0};

struct counting {
  static constexpr std::string_view name = "engine";
  explicit counting(const number_input&) { subjects_most = ++subjects_alive; }
  counting(const counting&) = delete;
  counting& operator=(const counting&) = delete;
  ~counting() { --subjects_alive; }
  static void run() { ++runs_of_all; }
  [[nodiscard]] static int answer() { return 42; }
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
  void run() {
    ++runs_of_all;
    if (++since_prepare > batch) {
      broken = true;
    }
  }
  [[nodiscard]] static std::string check() { return ""; }
  std::uint64_t since_prepare = 0;
  static inline std::atomic<bool> broken{false};
};

int run(const std::string& row, unsigned threads, settings chosen) {
  runs_of_all = 0;
  subjects_most = 0;
  batched::broken = false;
  suite measured;
  add_group<number_input, counting, wrong, batched>(measured, {"find", "small", threads, 1},
                                                    [](unsigned) { return number_input{}; });
  chosen.run_row = row;
  return run_row(measured, chosen);
}

settings times(std::uint64_t iterations) {
  settings chosen;
  chosen.run_iterations = iterations;
  return chosen;
}

settings for_seconds(double seconds) {
  settings chosen;
  chosen.run_seconds = seconds;
  return chosen;
}

TEST(run_row, runs_as_often_as_asked) {
  EXPECT_EQ(run("find/engine/small", 1, times(10)), 0);
  EXPECT_EQ(runs_of_all, 1 + 10U) << "one for the answer";
  EXPECT_EQ(run("find/floor/small", 1, times(10)), 0);
  EXPECT_EQ(runs_of_all, 4 + 10U);
  EXPECT_FALSE(batched::broken);
}

TEST(run_row, runs_all_threads_on_subjects_of_their_own) {
  EXPECT_EQ(run("find/engine/small/real_time/threads:3", 3, times(10)), 0);
  EXPECT_EQ(runs_of_all, 3 * (1 + 10U));
  EXPECT_EQ(subjects_most, 3);
  EXPECT_EQ(subjects_alive, 0);
}

TEST(run_row, runs_for_as_long_as_asked_and_says_how_often) {
  for (const unsigned threads : {1U, 2U}) {
    for (const std::string candidate : {"engine", "floor"}) {
      testing::internal::CaptureStdout();
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(run("find/" + candidate + "/small", threads, for_seconds(0.05)), 0);
      EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
      const std::string printed = testing::internal::GetCapturedStdout();
      const std::uint64_t checks = threads * (candidate == "floor" ? batched::batch : 1);
      EXPECT_TRUE(printed.starts_with("{\"runs\": " + std::to_string(runs_of_all - checks) + ","))
          << printed;
      EXPECT_TRUE(printed.ends_with("\"threads\": " + std::to_string(threads) + "}\n")) << printed;
      EXPECT_FALSE(batched::broken);
    }
  }
}

TEST(run_row, refuses_wrong_answers_and_unknown_rows) {
  EXPECT_EQ(run("find/wrong/small", 1, times(1)), 1);
  EXPECT_EQ(run("find/wrong/small", 2, for_seconds(0.01)), 1);
  EXPECT_EQ(run("find/engine/large", 1, times(1)), 2);
  EXPECT_EQ(run("", 1, times(1)), 2);
}

/// Two fifos and a thread that answers what comes, until "disable" or `answers` are given.
class listener {
 public:
  explicit listener(int answers) {
    EXPECT_EQ(mkfifo(path("control").c_str(), 0600), 0);
    EXPECT_EQ(mkfifo(path("answer").c_str(), 0600), 0);
    control_ = open(path("control").c_str(), O_RDWR | O_CLOEXEC);
    answer_ = open(path("answer").c_str(), O_RDWR | O_CLOEXEC);
    thread_ = std::jthread([this, answers] { answer_commands(answers); });
  }
  ~listener() {
    (void)heard();
    close(control_);
    close(answer_);
    std::filesystem::remove_all(folder_);
  }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  [[nodiscard]] std::string fifos() const { return path("control") + "," + path("answer"); }
  [[nodiscard]] std::string heard() {
    if (thread_.joinable()) {
      thread_.join();
    }
    return heard_;
  }
  std::vector<std::uint64_t> runs;  ///< when each command came

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] static std::string make_folder() {
    std::string made = testing::TempDir() + "headroom_XXXXXX";
    EXPECT_NE(mkdtemp(made.data()), nullptr);
    return made;
  }
  void answer_commands(int answers) {
    for (int left = answers; left > 0; --left) {
      std::array<char, 64> command{};
      const ssize_t size = read(control_, command.data(), command.size());
      runs.push_back(runs_of_all);
      heard_.append(command.data(), static_cast<std::size_t>(size));
      EXPECT_EQ(write(answer_, "ack\n", 5), 5) << "perf ends its answer with a zero";
    }
  }

  std::string folder_ = make_folder();
  std::string heard_;
  int control_ = -1;
  int answer_ = -1;
  std::jthread thread_;
};

TEST(run_row, tells_perf_when_the_loop_begins_and_ends) {
  for (const unsigned threads : {1U, 3U}) {
    listener perf(2);
    settings chosen = times(10);
    chosen.perf_control = perf.fifos();
    EXPECT_EQ(run("find/engine/small", threads, chosen), 0);
    EXPECT_EQ(perf.heard(), "enable\ndisable\n");
    EXPECT_EQ(perf.runs, (std::vector<std::uint64_t>{threads, std::uint64_t{threads} * 11}));
  }
}

TEST(run_row, tells_perf_nothing_of_a_wrong_answer) {
  listener perf(0);
  settings chosen = times(1);
  chosen.perf_control = perf.fifos();
  EXPECT_EQ(run("find/wrong/small", 1, chosen), 1);
  EXPECT_EQ(perf.heard(), "");
}

TEST(run_row, refuses_fifos_at_which_nobody_listens) {
  const std::string folder = testing::TempDir();
  const std::string deserted = fmt::format("{}headroom_deserted_{}", folder, getpid());
  const std::string answer = deserted + "_answer";
  ASSERT_EQ(mkfifo(deserted.c_str(), 0600), 0);
  ASSERT_EQ(mkfifo(answer.c_str(), 0600), 0);
  for (const std::string& fifos :
       {std::string("/nonexistent/control,/nonexistent/answer"), fmt::format("{0},{0}x", deserted),
        fmt::format("{},{}", deserted, answer), fmt::format("{0},{0}", folder),
        std::string("one")}) {
    settings chosen = times(1);
    chosen.perf_control = fifos;
    EXPECT_THROW(run("find/engine/small", 1, chosen), std::runtime_error) << fifos;
  }
  std::filesystem::remove(deserted);
  std::filesystem::remove(answer);
}

}  // namespace
}  // namespace headroom
