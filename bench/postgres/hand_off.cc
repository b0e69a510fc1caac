#include "bench/postgres/hand_off.h"

namespace headroom::pool_bench {
namespace ours {

hand_off::hand_off(const hand_off_input&)
    : pool_(
          pool::open(stub_connector(all_),
                     {.size_min = 1, .size_max = 1, .hand_off_after = std::chrono::microseconds(0)})
              .value()),
      held_(pool_.checkout(patience).value()) {
  other_ = std::thread([this] { pass_back(); });
}

hand_off::~hand_off() {
  await_waiter();
  over_ = true;
  held_.release();
  other_.join();
}

void hand_off::await_waiter() const {
  while (pool_.statistics().waiters == 0) {
    std::this_thread::yield();
  }
}

void hand_off::pass_back() {
  for (;;) {
    const auto held = pool_.checkout(patience);
    if (over_) {
      return;
    }
    if (!held) {
      std::terminate();  // The other thread waits for this one.
    }
    ++there_;
    await_waiter();
  }
}

}  // namespace ours

namespace least {

hand_off::hand_off(const hand_off_input&) {
  other_ = std::thread([this] {
    for (;;) {
      await(1);
      if (turn_.load(std::memory_order_relaxed) != 1) {
        return;
      }
      ++there_;
      pass(0);
    }
  });
}

hand_off::~hand_off() {
  pass(2);
  other_.join();
}

}  // namespace least
}  // namespace headroom::pool_bench
