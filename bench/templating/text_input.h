// Texts with placeholders, what they name, and what becomes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "subsystems/templating/scanner.h"

namespace headroom::templating_bench {

using span = engine::templating::placeholder;

/// XXH3, as the engine uses: the fastest for texts of this length that we know.
struct text_hash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view text) const;
};

/// Values by the path as it is written: the best case of a peer, which looks up a whole path by one
/// hash. The texts lie elsewhere.
using flat_values =
    boost::unordered_flat_map<std::string, std::string_view, text_hash, std::equal_to<>>;

struct text_options {
  std::uint32_t placeholders = 10;
  std::uint32_t literal_bytes = 128;
  std::uint32_t path_depth = 3;
  /// 0: every placeholder names another.
  std::uint32_t different_paths = 0;
  /// 0: what parameters usually are, 2 to 14 bytes.
  std::uint32_t value_bytes = 0;
};

/// One text: a literal, a placeholder, a literal, …, a literal. Items: bytes of the text.
class text_input {
 public:
  explicit text_input(const text_options& options);

  [[nodiscard]] std::string_view text() const { return text_; }
  /// The values as peers get them, and as the engine does: one JSON document, whose members are the
  /// first names of the paths. Both are the same texts in memory.
  [[nodiscard]] const flat_values& values() const { return values_; }
  [[nodiscard]] const boost::json::value& document() const { return document_; }
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] const std::vector<span>& spans() const { return spans_; }
  [[nodiscard]] double items() const { return static_cast<double>(text_.size()); }

  [[nodiscard]] std::string mismatch(const std::string& rendered) const;
  [[nodiscard]] std::string mismatch(const std::vector<span>& found) const;

 private:
  void add_literal(std::uint32_t bytes);

  std::string text_;
  std::string output_;
  std::vector<span> spans_;
  flat_values values_;
  boost::json::value document_;
};

/// What two texts differ in; empty if they are the same.
[[nodiscard]] std::string difference(std::string_view rendered, std::string_view expected);

/// Puts `value` at `path`, of names joined by dots, into nested objects, unless there is one.
void put(boost::json::value& into, std::string_view path, std::string_view value);

/// All texts in `document`, by their paths.
[[nodiscard]] flat_values flatten(const boost::json::value& document);

}  // namespace headroom::templating_bench
