// Texts that are made to be expensive.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "bench/templating/text_input.h"

namespace headroom::templating_bench {

struct hostile_pattern {
  std::string_view name;
  std::string_view begin;
  std::string_view repeated;
  std::string_view end;
  /// A template that is not well-formed may be refused; others must be filled in.
  bool well_formed;
};

inline constexpr std::array<hostile_pattern, 11> hostile_patterns = {{
    {"open_braces", "", "{", "", false},
    {"close_braces", "", "}", "", true},
    {"single_braces", "", "{a", "", true},
    {"unclosed", "{{", "a", "", false},
    {"unclosed_many", "", "{{a ", "", false},
    {"unclosed_last", "", "text and ", "{{a", false},
    {"nested", "", "{{a", "}}", false},
    {"dense", "", "{{name}}", "", true},
    {"steps", "{{a", ".a", "}}", false},
    {"filters", "{{a", "|json", "}}", false},
    {"quotes", "{{a['", "\\'", "']}}", false},
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
    bool refused;
    std::string output;
  };
  [[nodiscard]] std::string mismatch(const outcome& answer) const;

 private:
  bool well_formed_;
  std::string text_;
  std::string output_;
  flat_values values_;
  boost::json::value document_;
};

}  // namespace headroom::templating_bench
