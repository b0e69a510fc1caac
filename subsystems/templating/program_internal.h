// What a compiled template holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/templating/document_places_internal.h"
#include "subsystems/templating/expression_internal.h"
#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {

/// What a value becomes.
enum class slot_form : std::uint8_t {
  text,         ///< its text
  json_string,  ///< its text, escaped: it stands inside a JSON string
  json_value,   ///< JSON text
};

/// A string with placeholders, and where in a document it stands.
struct source_text {
  std::string text;
  std::uint32_t place;
};

/// A value that the template needs, once however often it is mentioned.
struct slot {
  expression value;
  std::uint64_t hash;     ///< of text
  std::string_view text;  ///< of the expression, in `sources`
  std::uint32_t source;   ///< the string of its first mention
  std::uint32_t offset;   ///< of "{{" in it
  slot_form form;
};

struct program {
  std::uint64_t id = 0;  ///< no other program of this process has it
  bool is_document = false;
  std::vector<std::unique_ptr<const source_text>> sources;
  document_places places;  ///< of the sources
  std::string document;    ///< the JSON text of one
  std::string literals;    ///< and slack_bytes behind them
  std::vector<record> records;
  std::size_t literal_bytes = 0;
  std::size_t last_literal_size = 0;
  std::vector<slot> slots;
  internal::parts parts;

  /// `problem` of the value of `of`, with its place.
  [[nodiscard]] error at(const slot& of, error problem) const;
};

}  // namespace engine::templating::internal
