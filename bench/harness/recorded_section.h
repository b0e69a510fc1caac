// Tells the profiler that watches this process, if one does, when the part that it should record
// begins and ends: perf through its control fifos, callgrind by client requests. Costs nothing
// without one.
#pragma once

#include <string>

namespace headroom {

/// What runs while this lives is recorded. One at a time.
class recorded_section {
 public:
  /// `perf_control` names the fifos of `perf record --control=fifo:CTL,ACK`, as "CTL,ACK"; empty:
  /// there is no perf. Throws std::runtime_error if nobody listens or answers there.
  explicit recorded_section(const std::string& perf_control);
  ~recorded_section();
  recorded_section(const recorded_section&) = delete;
  recorded_section& operator=(const recorded_section&) = delete;

  /// How long perf may take to answer.
  static constexpr int answer_timeout_ms = 10'000;

 private:
  class fifo {
   public:
    fifo() = default;
    fifo(const std::string& path, int flags);
    ~fifo();
    fifo(const fifo&) = delete;
    fifo& operator=(const fifo&) = delete;
    fifo(fifo&& other) noexcept;
    fifo& operator=(fifo&& other) noexcept;
    [[nodiscard]] int descriptor() const { return descriptor_; }

   private:
    int descriptor_ = -1;
  };

  [[nodiscard]] bool tell(const std::string& command) const;

  fifo control_;
  fifo answer_;
};

/// While this lives, callgrind does not count: for what is prepared between the runs. Of perf's
/// samples, what is prepared is told by its frames.
class uncounted {
 public:
  uncounted();
  ~uncounted();
  uncounted(const uncounted&) = delete;
  uncounted& operator=(const uncounted&) = delete;
};

}  // namespace headroom
