// A regular expression that a user wrote, compiled once.
//
// On RE2, so matching never backtracks and is bounded in memory, whatever the expression. Syntax is
// RE2's, over UTF-8. Most searches take some 2 ns for each byte of the text; but there are
// expressions that take RE2 5 to 10 ns for each byte and each of their instructions, and replacing
// may search the rest of the text for each match. Where the expression or the text is not one's
// own, a pattern_budget bounds what searches take. Copies are cheap and share what is compiled;
// moving copies, too. Any number of threads may match at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"

namespace re2 {
class RE2;
}

namespace engine::templating {

/// What all searches or compilations of one piece of work, such as a rendering, may take together.
/// A search that may come to more than limits::pattern_steps_max is not begun, wherever it is
/// tried; anything else is, unless what came before has taken limits::pattern_time_max of the
/// thread's processor time. The time counts from the first look at the clock, which comes with the
/// first compilation, or after some 20 ms of hostile searches. For one thread.
class pattern_budget {
 public:
  explicit pattern_budget(const limits& bounds = {})
      : steps_max_(bounds.pattern_steps_max),
        time_max_(std::min<std::chrono::milliseconds>(bounds.pattern_time_max, time_limit)) {}

  [[nodiscard]] std::uint64_t steps_max() const { return steps_max_; }
  [[nodiscard]] std::chrono::milliseconds time_max() const { return time_max_; }

  /// Whether work of at most so many steps may begin; counts it if so. A few instructions, now and
  /// then a look at a clock.
  [[nodiscard]] bool admit(std::uint64_t steps) {
    if (steps > steps_max_) {
      return false;
    }
    steps_not_timed_ += steps;
    return steps_not_timed_ < steps_between_looks || is_in_time();
  }

  /// Whether another expression may be compiled. Looks at a clock.
  [[nodiscard]] bool admit_compilation() { return is_in_time(); }

 private:
  static constexpr std::uint64_t steps_between_looks = std::uint64_t{1} << 22U;
  static constexpr std::chrono::hours time_limit{24};

  [[nodiscard]] bool is_in_time();

  std::uint64_t steps_max_;
  std::chrono::milliseconds time_max_;
  std::uint64_t steps_not_timed_ = 0;                   // since the last look at a clock
  std::optional<std::chrono::nanoseconds> begin_;       // by the thread's clock
  std::chrono::steady_clock::time_point enough_until_;  // before then the time cannot be used up
};

class pattern {
 public:
  // As there is no move, what is moved from stays what it was.
  pattern(const pattern&) = default;
  pattern& operator=(const pattern&) = default;
  ~pattern() = default;

  /// bad_pattern if `expression` is not well-formed or beyond the limits; the error says why.
  [[nodiscard]] static result<pattern> compile(std::string_view expression,
                                               const limits& bounds = {});

  /// The same; pattern_too_slow if `budget` does not admit it.
  [[nodiscard]] static result<pattern> compile(std::string_view expression, const limits& bounds,
                                               pattern_budget& budget);

  /// Whether any part of `text` matches; ^ and $ stand for its ends. O(text) for most expressions,
  /// O(text * instructions) for hostile ones, without a bound.
  [[nodiscard]] bool matches(std::string_view text) const;

  /// The same; pattern_too_slow if `budget` does not admit the search.
  [[nodiscard]] result<bool> matches(std::string_view text, pattern_budget& budget) const;

  /// `text` with every match replaced by `with`, in which \1 to \9 stand for groups and \0 for the
  /// match. As in RE2, an empty match right behind another does not count.
  /// REQUIRES: problem_of(with) is empty. output_too_big before the result is longer than
  /// `bytes_max`; pattern_too_slow if `budget` does not admit the search for the next match.
  /// O(text) for most patterns, and what it writes; but O(text * matches) for one that must look
  /// far ahead to know where a match ends, until the budget ends it.
  [[nodiscard]] result<std::string> replace(std::string_view text, std::string_view with,
                                            std::size_t bytes_max, pattern_budget& budget) const;

  /// The same with a budget of its own.
  [[nodiscard]] result<std::string> replace(std::string_view text, std::string_view with,
                                            std::size_t bytes_max) const;

  /// Why `with` cannot be used in replace(), empty if it can: a group that the expression has not.
  [[nodiscard]] std::string problem_of(std::string_view with) const;

  [[nodiscard]] std::string_view expression() const;

  /// What it may come to hold, in bytes: limits::pattern_memory_bytes_max.
  [[nodiscard]] std::size_t bytes_max() const;

 private:
  explicit pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  [[nodiscard]] std::uint64_t steps_in(std::size_t bytes) const;
  [[nodiscard]] error too_slow(std::uint64_t steps, std::size_t bytes,
                               const pattern_budget& budget) const;

  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace engine::templating
