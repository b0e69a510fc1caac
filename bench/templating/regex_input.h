// Regular expressions that users write into filters and parameters, and texts for them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::templating_bench {

struct regex_case {
  std::string_view name;
  std::string_view expression;
  std::string_view with;  ///< empty: only whether it matches
  /// The text: `unit` so often, and `end`.
  std::string_view unit;
  std::size_t times;
  std::string_view end;
};

inline constexpr regex_case match_case = {
    "match", R"(^[a-z0-9]+(-[a-z0-9]+)*\.[0-9]{4}-[0-9]{2}-[0-9]{2}$)",
    "",      "nightly-report-",
    4,       "x7k2p.2024-06-30"};
inline constexpr regex_case replace_case = {
    "replace", "[^a-z0-9]+", "-", "Release 1.2 (Final), Build #42; ", 4, "end"};
/// Each "a" may belong to either group, so a search that tries one way after the other takes twice
/// as long for each more of them.
inline constexpr regex_case explode_case = {"explode", "^(a|a)*$", "", "a", 18, "!"};

/// Items: one.
class regex_input {
 public:
  explicit regex_input(const regex_case& chosen);

  [[nodiscard]] std::string_view expression() const { return case_.expression; }
  [[nodiscard]] std::string_view with() const { return case_.with; }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// "true" or "false", or what replacing gives.
  [[nodiscard]] const std::string& expected() const { return expected_; }
  [[nodiscard]] double items() const { return 1; }

  [[nodiscard]] std::string mismatch(const std::string& answer) const;

 private:
  regex_case case_;
  std::string text_;
  std::string expected_;
};

}  // namespace headroom::templating_bench
