// The look-ups of candidate `mutex_lru`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bench/templating/cache_input.h"

namespace headroom::templating_bench {

class mutex_lru_lookup {
 public:
  static constexpr std::string_view name = "mutex_lru";
  static constexpr std::uint64_t batch = lookups::new_every;

  explicit mutex_lru_lookup(const cache_input& input) : lru_(input.shared().lru), texts_(input) {}

  void run() { found_ = lru_.get(texts_.next()); }

  [[nodiscard]] cache_input::tally answer() {
    cache_input::tally counted{0, 2 * lookups::new_every};
    for (std::size_t at = 0; at < counted.asked; ++at) {
      const std::string_view text = texts_.next();
      counted.right += lru_.get(text)->source() == text ? 1U : 0U;
    }
    return counted;
  }

 private:
  mutex_lru& lru_;
  lookups texts_;
  mutex_lru::value found_;
};

}  // namespace headroom::templating_bench
