#include "bench/postgres/exhaustion_input.h"

#include <utility>

#include <fmt/format.h>

namespace headroom::pool_bench {

exhaustion_input::exhaustion_input(std::chrono::microseconds timeout)
    : timeout_(timeout), lent_(std::make_shared<lent_pools>()) {
  for (std::size_t at = 0; at < connections; ++at) {
    lent_->of_engine.push_back(engine().checkout(patience, "the benchmark").value());
    lent_->of_peer.push_back(mutex_condvar().checkout(patience).value());
  }
}

std::string exhaustion_input::mismatch(const outcome& answer) const {
  if (answer.failed_as_they_should != answer.waits) {
    return fmt::format("{} of {} waits ended with a connection, or another error",
                       answer.waits - answer.failed_as_they_should, answer.waits);
  }
  return answer.early == 0 ? "" : fmt::format("{} waits ended before their deadline", answer.early);
}

}  // namespace headroom::pool_bench
