#include "bench/harness/recorded_section.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <valgrind/callgrind.h>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {

recorded_section::fifo::fifo(const std::string& path, int flags)
    : descriptor_(open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    const std::string reason =
        errno == ENXIO ? "nobody listens" : std::generic_category().message(errno);
    throw std::runtime_error(
        fmt::format("--perf-control: {}: {}", engine::support::printable(path), reason));
  }
}

recorded_section::fifo::~fifo() {
  if (descriptor_ >= 0) {
    (void)close(descriptor_);
  }
}

recorded_section::fifo::fifo(fifo&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

recorded_section::fifo& recorded_section::fifo::operator=(fifo&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

recorded_section::recorded_section(const std::string& perf_control) {
  if (!perf_control.empty()) {
    const std::size_t comma = perf_control.find(',');
    if (comma == std::string::npos) {
      throw std::runtime_error("--perf-control: two fifos are needed, CTL,ACK");
    }
    answer_ = fifo(perf_control.substr(comma + 1), O_RDONLY);
    control_ = fifo(perf_control.substr(0, comma), O_WRONLY);
    if (!tell("enable\n")) {
      throw std::runtime_error("--perf-control: perf does not answer");
    }
  }
  CALLGRIND_START_INSTRUMENTATION;
}

recorded_section::~recorded_section() {
  CALLGRIND_STOP_INSTRUMENTATION;
  if (control_.descriptor() >= 0) {
    (void)tell("disable\n");  // A perf that has left records nothing either.
  }
}

bool recorded_section::tell(const std::string& command) const {
  // A listener that has left is an error here, and should not end the process.
  void (*const before)(int) = std::signal(SIGPIPE, SIG_IGN);
  const ssize_t written = write(control_.descriptor(), command.data(), command.size());
  (void)std::signal(SIGPIPE, before);
  if (written != static_cast<ssize_t>(command.size())) {
    return false;
  }
  // Of a writer that has not come yet poll() says nothing, and of one that has left POLLHUP.
  pollfd waited{answer_.descriptor(), POLLIN, 0};
  if (poll(&waited, 1, answer_timeout_ms) != 1 || (waited.revents & POLLIN) == 0) {
    return false;
  }
  char answer[16];
  const ssize_t size = read(answer_.descriptor(), answer, sizeof answer);
  return size > 0 && std::string_view(answer, static_cast<std::size_t>(size)).find("ack") !=
                         std::string_view::npos;
}

uncounted::uncounted() { CALLGRIND_TOGGLE_COLLECT; }
uncounted::~uncounted() { CALLGRIND_TOGGLE_COLLECT; }

}  // namespace headroom
