// A task's parameters as a JSON document with placeholders in its strings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "bench/templating/text_input.h"

namespace headroom::templating_bench {

/// A container's image, script and environment. Every placeholder stands inside text, and every
/// value is text, as regular expressions can do no more. Items: bytes of the JSON text.
class document_input {
 public:
  /// `variables`: environment variables, each with a placeholder.
  explicit document_input(std::uint32_t variables);

  [[nodiscard]] const boost::json::value& document() const { return document_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// The values as a JSON document, and by path, escaped for JSON.
  [[nodiscard]] const boost::json::value& values() const { return values_; }
  [[nodiscard]] const flat_values& escaped_values() const { return escaped_values_; }
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] double items() const { return static_cast<double>(text_.size()); }

  /// `rendered` must be JSON, and mean the same as the expected one.
  [[nodiscard]] std::string mismatch(const std::string& rendered) const;

 private:
  boost::json::value document_;
  std::string text_;
  boost::json::value values_;
  boost::json::value escaped_;
  flat_values escaped_values_;
  boost::json::value expected_;
  std::string output_;
};

}  // namespace headroom::templating_bench
