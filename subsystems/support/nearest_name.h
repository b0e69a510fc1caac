// The name that an author probably meant.
//
// Comparing two names takes as many steps as the product of their lengths, and whoever writes a bad
// definition decides how many names there are and how many problems. So guesses are paid for: all
// those of one refusal share a budget, and what it does not reach is not guessed. Thread-safe, but
// for a budget, which is for one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace engine::support {

/// Names are compared by their first bytes only, this many.
inline constexpr std::size_t compared_bytes_max = 64;

/// The steps that may still be taken for guesses. The default is some 20 ms: enough for 100,000
/// ordinary names, or for 1,200 long ones that are all alike.
class guess_budget {
 public:
  static constexpr std::size_t steps_max = 5'000'000;

  explicit guess_budget(std::size_t steps = steps_max) : left_(steps) {}

  /// Takes `steps`, or says that there are not as many and takes none.
  [[nodiscard]] bool take(std::size_t steps) {
    const bool suffices = steps <= left_;
    left_ -= suffices ? steps : 0;
    return suffices;
  }
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};

/// The candidate with the smallest edit distance to `wanted` (Damerau's, adjacent letters swapped
/// count one), the first of equals; empty if even that one differs in more than a third of its
/// letters. Takes a step of the budget for each candidate, and for one that is of like length at
/// most compared_bytes_max for each letter of `wanted`, fewer if it soon turns out to be unlike.
/// Candidates that the budget does not suffice for are not looked at.
[[nodiscard]] std::string_view nearest_name(std::string_view wanted,
                                            std::span<const std::string_view> candidates,
                                            guess_budget& budget);

}  // namespace engine::support
