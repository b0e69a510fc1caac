#include "subsystems/postgres/pool_options.h"

#include <chrono>

#include <fmt/format.h>

namespace engine::postgres {
namespace {

bool is_share(double value) { return value >= 0 && value <= 1; }

std::string offence_of(const connection_pool_options& chosen) {
  if (chosen.size_max < 1 || chosen.size_max > connection_pool_options::size_limit) {
    return fmt::format("size_max is {}, not within 1 and {}", chosen.size_max,
                       connection_pool_options::size_limit);
  }
  if (chosen.size_min > chosen.size_max) {
    return fmt::format("size_min is {}, above size_max, {}", chosen.size_min, chosen.size_max);
  }
  if (chosen.waiters_max > connection_pool_options::waiters_limit) {
    return fmt::format("waiters_max is {}, above {}", chosen.waiters_max,
                       connection_pool_options::waiters_limit);
  }
  if (!is_share(chosen.lifetime_jitter) || !is_share(chosen.reconnect_jitter)) {
    return "a jitter is not within 0 and 1";
  }
  for (const auto& [name, value] : {std::pair{"look_after_idle", chosen.look_after_idle},
                                    {"validate_after_idle", chosen.validate_after_idle},
                                    {"idle_timeout", chosen.idle_timeout},
                                    {"lifetime_max", chosen.lifetime_max},
                                    {"leak_after", chosen.leak_after}}) {
    if (value.count() < 0) {
      return fmt::format("{} is negative", name);
    }
  }
  if (chosen.hand_off_after.count() < 0) {
    return "hand_off_after is negative";
  }
  if (chosen.connect_timeout.count() <= 0) {
    return "connect_timeout is not positive";
  }
  if (chosen.reconnect_backoff_initial.count() <= 0 ||
      chosen.reconnect_backoff_max < chosen.reconnect_backoff_initial) {
    return "reconnect_backoff_initial is not positive, or above reconnect_backoff_max";
  }
  return {};
}

}  // namespace

result<void> validate(const connection_pool_options& chosen) {
  if (std::string offence = offence_of(chosen); !offence.empty()) {
    return error{errc::bad_input, "pool options: " + offence};
  }
  return {};
}

}  // namespace engine::postgres
