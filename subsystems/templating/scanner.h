// Finds the placeholders of a text without understanding them.
//
// For tools that look at texts never seen before: editors, search, statistics. Goes forward once,
// whatever the text. Refers to the text. For one thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace engine::templating {

/// From the "{{" to behind the "}}".
struct placeholder {
  std::size_t begin;
  std::size_t end;

  friend bool operator==(const placeholder&, const placeholder&) = default;
};

class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  /// Finds the next one, which ends at the first "}}" outside quotes; false if there is none, and
  /// then `found` is unchanged.
  [[nodiscard]] bool next(placeholder& found);

  /// After next() was false: the text has a "{{" that is not closed, at `begin` of what
  /// unterminated_at() returns.
  [[nodiscard]] bool unterminated() const { return unterminated_at_ != std::string_view::npos; }
  [[nodiscard]] std::size_t unterminated_at() const { return unterminated_at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t unterminated_at_ = std::string_view::npos;
};

}  // namespace engine::templating
