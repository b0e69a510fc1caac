#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "subsystems/workflow/surrogates_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::size_t escape_bytes = 6;  // \uXXXX

// The code unit that `text` starts with as an escape.
std::optional<std::uint32_t> escaped_unit(std::string_view text) {
  if (!text.starts_with("\\u") || text.size() < escape_bytes) {
    return std::nullopt;
  }
  std::uint32_t unit = 0;
  const char* const end = text.data() + escape_bytes;
  const auto [stop, problem] = std::from_chars(text.data() + 2, end, unit, 16);
  return problem == std::errc() && stop == end ? std::optional(unit) : std::nullopt;
}

// The character that `text` starts with as two escapes.
std::optional<std::uint32_t> escaped_pair(std::string_view text) {
  const std::optional<std::uint32_t> high = escaped_unit(text);
  if (!high || *high < 0xD800 || *high > 0xDBFF) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> low = escaped_unit(text.substr(escape_bytes));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) {
    return std::nullopt;
  }
  return 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00);
}

}  // namespace

std::string join_surrogates(std::string_view json) {
  std::string joined;
  joined.reserve(json.size());
  while (!json.empty()) {
    const std::size_t plain = std::min(json.find('\\'), json.size());
    joined.append(json.substr(0, plain));
    json.remove_prefix(plain);
    if (const std::optional<std::uint32_t> character = escaped_pair(json)) {
      fmt::format_to(std::back_inserter(joined), "\\U{:08X}", *character);
      json.remove_prefix(2 * escape_bytes);
    } else {
      const std::size_t escape = std::min<std::size_t>(json.size(), 2);
      joined.append(json.substr(0, escape));
      json.remove_prefix(escape);
    }
  }
  return joined;
}

}  // namespace engine::workflow::internal
