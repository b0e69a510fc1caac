#include "bench/harness/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace headroom {
namespace {

constexpr std::chrono::milliseconds terminal_interval{100};
constexpr std::chrono::seconds pipe_interval{10};

}  // namespace

progress::progress(double planned_seconds, std::FILE* to)
    : to_(to), terminal_(isatty(fileno(to)) == 1), planned_(planned_seconds) {}

progress::~progress() {
  if (terminal_) {
    fmt::print(to_, "\r\033[K");
    (void)std::fflush(to_);
  }
}

void progress::show(std::string_view what) {
  const clock::time_point now = clock::now();
  if (shown_ != clock::time_point{} &&
      now - shown_ <
          (terminal_ ? clock::duration(terminal_interval) : clock::duration(pipe_interval))) {
    return;
  }
  shown_ = now;
  const double share = std::clamp(finished_ / std::max(planned_, 1e-9), 0.0, 1.0);
  const std::string line = fmt::format("[{:3.0f} %] {} left  {}", share * 100, time_left(), what);
  if (terminal_) {
    fmt::print(to_, "\r\033[K{:.100}", line);
  } else {
    fmt::print(to_, "{}\n", line);
  }
  (void)std::fflush(to_);
}

void progress::finish_step(double planned_seconds) { finished_ += planned_seconds; }

// The pace so far, carried on; at first the plan itself.
std::string progress::time_left() const {
  const double elapsed = std::chrono::duration<double>(clock::now() - start_).count();
  const double pace = finished_ > 0.02 * planned_ ? elapsed / finished_ : 1.0;
  const auto left = std::lround(std::max(0.0, planned_ - finished_) * pace);
  return fmt::format("{}:{:02}", left / 60, left % 60);
}

}  // namespace headroom
