// Values, documents and parameters that are made to be expensive, as hostile_input.h has texts.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/allocation.h"
#include "bench/harness/subject.h"

namespace headroom::templating_bench {

/// What to do, and what may come of it.
struct hostile_task {
  /// Does it from scratch; returns the answer, or the message of the error's code.
  std::function<std::string()> run;
  std::string answer;   ///< the right one
  std::string refusal;  ///< the only error that is right as well
};

/// One that does `row.make` with so many bytes of input. A new one is a line in hostile_works().
struct hostile_work {
  std::string_view name;
  std::size_t bytes;  ///< measured at this size and at ten times of it
  hostile_task (*make)(std::size_t bytes);
};

[[nodiscard]] std::span<const hostile_work> hostile_works();

/// Items: bytes.
class hostile_work_input {
 public:
  hostile_work_input(const hostile_work& row, std::size_t bytes)
      : task_(row.make(bytes)), bytes_(bytes) {}

  [[nodiscard]] const hostile_task& task() const { return task_; }
  [[nodiscard]] double items() const { return static_cast<double>(bytes_); }
  [[nodiscard]] std::string mismatch(const std::string& answer) const {
    return answer == task_.answer || answer == task_.refusal
               ? ""
               : "neither the answer nor the error: " + answer.substr(0, 60);
  }

 private:
  hostile_task task_;
  std::size_t bytes_;
};

namespace ours {

/// The figure beside the time is that of a run of its own, as measuring takes time.
class hostile_work {
 public:
  static constexpr std::string_view name = "engine";

  explicit hostile_work(const hostile_work_input& input) : input_(input) {
    const allocation_meter meter;
    run();
    peak_bytes_ = static_cast<double>(meter.read().peak_bytes);
  }

  void run() { answer_ = input_.task().run(); }

  [[nodiscard]] const std::string& answer() const { return answer_; }
  [[nodiscard]] std::vector<counter> counters() const {
    return {{"peak_bytes_per_byte", peak_bytes_ / input_.items()}};
  }

 private:
  const hostile_work_input& input_;
  double peak_bytes_ = 0;
  std::string answer_;
};

}  // namespace ours

}  // namespace headroom::templating_bench
