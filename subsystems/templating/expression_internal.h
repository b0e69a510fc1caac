// What stands between "{{" and "}}": its grammar, and its parsed form.
//
//   inside   = ( path | quoted ) ( "|" filter )*
//   path     = name ( "." name | "[" digits "]" | "[" quoted "]" )*      the first may be [quoted]
//   name     = letters, digits, _ - / and any character beyond ASCII
//   filter   = name ( "(" argument ( "," argument )* ")" )?
//   argument = quoted | JSON number | true | false | null
//   quoted   = '…' or "…", in which \\ \' \" stand for the second character, and other backslashes
//              for themselves
//
// Blanks may stand between any two of them. Parsing goes forward once and never recurses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"
#include "subsystems/templating/pattern.h"

namespace engine::templating::internal {

enum class step_kind : std::uint8_t { name, key, index };

/// One step of a path.
struct step {
  std::string_view name;  ///< of name and key
  std::uint32_t index = 0;
  step_kind kind = step_kind::name;
};

enum class filter_kind : std::uint8_t {
  constant,
  default_value,
  json,
  string,
  length,
  match,
  replace,
};

struct filter {
  filter_kind kind{};
  boost::json::value argument;     ///< of constant and default_value
  std::optional<pattern> matcher;  ///< of match and replace
  std::string with;                ///< of replace
};

/// Where the parts of expressions lie, which refer to them by number.
struct parts {
  std::vector<step> steps;
  std::vector<filter> filters;
  std::list<std::string> unescaped;  ///< names that are not in the text as they are
  std::uint32_t patterns = 0;        ///< compiled so far

  /// Forgets all but the number of patterns.
  void clear() {
    steps.clear();
    filters.clear();
    unescaped.clear();
  }
};

struct expression {
  std::uint32_t first_step = 0;
  std::uint32_t step_count = 0;
  std::uint32_t first_filter = 0;
  std::uint32_t filter_count = 0;

  [[nodiscard]] std::span<const step> steps(const parts& of) const {
    return std::span(of.steps).subspan(first_step, step_count);
  }
  [[nodiscard]] std::span<const filter> filters(const parts& of) const {
    return std::span(of.filters).subspan(first_filter, filter_count);
  }
  /// A path of names and indexes: its text, without blanks, says all there is to it.
  [[nodiscard]] bool is_path() const { return filter_count == 0; }
  [[nodiscard]] bool is_constant() const { return step_count == 0 && filter_count == 1; }
};

struct parsed_placeholder {
  expression inside;
  std::size_t begin;  ///< of the expression's text, without the blanks around it
  std::size_t size;
  std::size_t end;  ///< behind "}}"
};

/// Parses the placeholder whose "{{" stands at `opening` of `text`. Steps and filters are added to
/// `into`; on failure some may have been. The steps refer to `text`. `compiling` is what regular
/// expressions may take to compile. The error has its place.
[[nodiscard]] result<parsed_placeholder> parse_placeholder(std::string_view text,
                                                           std::size_t opening,
                                                           const limits& bounds,
                                                           pattern_budget& compiling, parts& into);

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// `text` without the blanks around it.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace engine::templating::internal
