// Texts that are made to be expensive.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "bench/templating/text_input.h"
#include "subsystems/templating/error.h"

namespace headroom::templating_bench {

struct hostile_pattern {
  std::string_view name;
  std::string_view begin;
  std::string_view repeated;
  std::string_view end;
  /// What whoever refuses it must say; nothing for a template that must be filled in.
  std::optional<engine::templating::errc> refusal;
};

using engine::templating::errc;

inline constexpr std::array<hostile_pattern, 11> hostile_patterns = {{
    {"open_braces", "", "{", "", errc::unterminated},
    {"close_braces", "", "}", "", {}},
    {"single_braces", "", "{a", "", {}},
    {"unclosed", "{{", "a", "", errc::unterminated},
    {"unclosed_many", "", "{{a ", "", errc::unterminated},
    {"unclosed_last", "", "text and ", "{{a", errc::unterminated},
    {"nested", "", "{{a", "}}", errc::bad_path},
    {"dense", "", "{{name}}", "", {}},
    {"steps", "{{a", ".a", "}}", errc::too_deep},
    {"filters", "{{a", "|json", "}}", errc::too_many_filters},
    {"quotes", "{{a['", "\\'", "']}}", errc::unknown_reference},
}};

/// About so many bytes of one pattern. Items: bytes.
class hostile_input {
 public:
  hostile_input(const hostile_pattern& pattern, std::size_t bytes);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const flat_values& values() const { return values_; }
  [[nodiscard]] const boost::json::value& document() const { return document_; }
  [[nodiscard]] double items() const { return static_cast<double>(text_.size()); }

  struct outcome {
    std::optional<errc> refusal;
    std::string output;
  };
  [[nodiscard]] std::string mismatch(const outcome& answer) const;

 private:
  std::optional<errc> refusal_;
  std::string text_;
  std::string output_;
  flat_values values_;
  boost::json::value document_;
};

}  // namespace headroom::templating_bench
