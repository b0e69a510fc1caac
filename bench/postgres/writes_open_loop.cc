#include "bench/postgres/writes_open_loop.h"

#include <span>
#include <stdexcept>
#include <thread>

namespace headroom::postgres_bench::ours {

open_loop::open_loop(const open_loop_input& input)
    : input_(input),
      place_(task_place::of(name)),
      feed_(input),
      settled_at_(input.count()),
      writer_(place_.url()) {
  for (std::size_t at = 0; at < input.count(); ++at) {
    receipts_.emplace_back([this, at] {
      settled_at_[at] = clock::now();
      settled_.fetch_add(1);
      settled_.notify_one();
    });
  }
}

void open_loop::run() {
  feed_.next(input_.count(), changes_);
  settled_ = 0;
  const clock::time_point start = clock::now();
  submit_by_schedule(start);
  const clock::duration submitting = clock::now() - start;
  wait_for_all();
  if (windows_++ > 0) {
    submitting_ += submitting;
    for (std::size_t at = 0; at < input_.count(); ++at) {
      latencies_.record(settled_at_[at] - (start + at * input_.interval()));
    }
  }
}

void open_loop::submit_by_schedule(clock::time_point start) {
  for (std::size_t at = 0; at < input_.count(); ++at) {
    std::this_thread::sleep_until(start + at * input_.interval());
    require(writer_.submit(std::span(changes_).subspan(at, 1), receipts_[at]));
  }
}

// The receipts themselves are settled a moment before they say so.
void open_loop::wait_for_all() {
  for (std::size_t seen = settled_; seen < input_.count(); seen = settled_) {
    settled_.wait(seen);
  }
  for (const receipt& each : receipts_) {
    if (each.failed() > 0) {
      throw std::runtime_error("a transition was refused");
    }
  }
}

std::vector<counter> open_loop::counters() const {
  std::vector<counter> all = latencies_.counters();
  const std::chrono::duration<double> submitting = submitting_;
  all.push_back({"submitted_per_second",
                 windows_ > 1
                     ? static_cast<double>((windows_ - 1) * input_.count()) / submitting.count()
                     : 0});
  return all;
}

}  // namespace headroom::postgres_bench::ours
