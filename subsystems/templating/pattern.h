// A regular expression that a user wrote, compiled once.
//
// On RE2, so matching is linear in the text and bounded in memory, whatever the expression: a
// hostile one costs no more than an ordinary one. Syntax is RE2's, over UTF-8. Copies are cheap and
// share what is compiled; moving copies, too. Any number of threads may match at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"

namespace re2 {
class RE2;
}

namespace engine::templating {

class pattern {
 public:
  // As there is no move, what is moved from stays what it was.
  pattern(const pattern&) = default;
  pattern& operator=(const pattern&) = default;
  ~pattern() = default;

  /// bad_pattern if `expression` is not well-formed or beyond the limits; the error says why.
  [[nodiscard]] static result<pattern> compile(std::string_view expression,
                                               const limits& bounds = {});

  /// Whether any part of `text` matches; ^ and $ stand for its ends. O(text).
  [[nodiscard]] bool matches(std::string_view text) const;

  /// `text` with every match replaced by `with`, in which \1 to \9 stand for groups and \0 for the
  /// match. As in RE2, an empty match right behind another does not count.
  /// REQUIRES: problem_of(with) is empty. output_too_big beyond `bytes_max`. O(text) for most
  /// patterns, and what it writes; but O(text * matches) for one that must look far ahead to know
  /// where a match ends.
  [[nodiscard]] result<std::string> replace(std::string_view text, std::string_view with,
                                            std::size_t bytes_max) const;

  /// Why `with` cannot be used in replace(), empty if it can: a group that the expression has not.
  [[nodiscard]] std::string problem_of(std::string_view with) const;

  [[nodiscard]] std::string_view expression() const;

  /// What it may come to hold, in bytes: limits::pattern_memory_bytes_max.
  [[nodiscard]] std::size_t bytes_max() const;

 private:
  explicit pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace engine::templating
