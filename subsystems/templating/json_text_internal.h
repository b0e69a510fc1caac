// JSON values as text. Nothing here recurses, however deep a value is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"

namespace engine::templating::internal {

/// What appending keeps to.
struct text_bounds {
  std::uint32_t depth_max;
  std::size_t bytes_max;  ///< of the whole text, what was there before included
};

/// Of a rendering, and of each text on the way to it.
[[nodiscard]] constexpr text_bounds rendering_bounds(const limits& bounds) {
  return {bounds.value_depth_max, bounds.output_bytes_max};
}

/// Appends `text` as it may stand inside a JSON string: " \ and control characters escaped. Other
/// bytes stay as they are.
void append_escaped(std::string_view text, std::string& out);

/// The same, with the quotes around it.
void append_quoted(std::string_view text, std::string& out);

/// The same two, but false where `out` would become longer than `bytes_max`, before it does; part
/// of the text may be appended then.
[[nodiscard]] bool append_escaped(std::string_view text, std::size_t bytes_max, std::string& out);
[[nodiscard]] bool append_quoted(std::string_view text, std::size_t bytes_max, std::string& out);

/// Appends `number` so that JSON reads the same one back, 2.0 with its fraction. REQUIRES: a
/// number.
void append_number(const boost::json::value& number, std::string& out);

/// Appends `value` as JSON text; too_deep or output_too_big beyond `bounds`, before more than a few
/// bytes beyond them are written. O(bytes written).
[[nodiscard]] result<void> append_json(const boost::json::value& value, const text_bounds& bounds,
                                       std::string& out);

}  // namespace engine::templating::internal
