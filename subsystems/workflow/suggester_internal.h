// "Did you mean": the nearest of many names, for a bounded time in all.
//
// Comparing two names takes so many steps as the product of their lengths, and authors may be
// hostile. One suggester serves one definition or document, on one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "subsystems/dag/nearest_name.h"

namespace engine::workflow::internal {

class suggester {
 public:
  /// The nearest of those `candidates` that can still be compared; empty if none is near.
  [[nodiscard]] std::string_view nearest(std::string_view wanted,
                                         std::span<const std::string_view> candidates) {
    std::size_t compared = 0;
    for (; compared < candidates.size(); ++compared) {
      const std::size_t letters = (std::min(wanted.size(), name_letters_max) + 1) *
                                  (std::min(candidates[compared].size(), name_letters_max) + 1);
      if (letters > letters_left_) {
        break;
      }
      letters_left_ -= letters;
    }
    return dag::nearest_name(wanted, candidates.first(compared));
  }

 private:
  static constexpr std::size_t name_letters_max = 64;  // that nearest_name() looks at

  // Some 30,000 names of ordinary length.
  std::size_t letters_left_ = 5'000'000;
};

}  // namespace engine::workflow::internal
