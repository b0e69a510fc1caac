#include "bench/harness/stop_on_interrupt.h"

#include <atomic>
#include <csignal>

namespace headroom {
namespace {

std::atomic<bool> stop_requested{false};

void request_stop(int) {
  stop_requested.store(true, std::memory_order_relaxed);
  (void)std::signal(SIGINT, SIG_DFL);
}

}  // namespace

stop_on_interrupt::stop_on_interrupt() : before_(std::signal(SIGINT, request_stop)) {
  stop_requested = false;
}

stop_on_interrupt::~stop_on_interrupt() { (void)std::signal(SIGINT, before_); }

bool stop_on_interrupt::requested() { return stop_requested.load(std::memory_order_relaxed); }

}  // namespace headroom
