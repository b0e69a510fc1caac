#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "subsystems/support/utf8.h"
#include "subsystems/workflow/text_check_internal.h"

namespace engine::workflow::internal {
namespace {

using support::character_bytes;

// Each value brings its own brackets and one comma at most.
constexpr std::uint64_t flow_indicators_per_node = 3;

bool is_flow_indicator(char c) { return c == '[' || c == ']' || c == '{' || c == '}' || c == ','; }

bool is_text(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t' || byte == '\n' || byte == '\r';
}

position position_of(std::string_view text, std::size_t offset) {
  position where = {1, 1};
  for (std::size_t at = 0; at < offset; ++at) {
    const bool ends_line = text[at] == '\n' || (text[at] == '\r' && text[at + 1] != '\n');
    where.line += ends_line ? 1U : 0U;
    where.column = ends_line ? 1U : where.column + 1;
  }
  return where;
}

}  // namespace

void check_text(std::string_view text, load_context& load) {
  const limits& bounds = load.bounds();
  if (text.size() > bounds.bytes_max) {
    return load.refuse(
        errc::too_big, {},
        fmt::format("{} bytes are more than the limit of {}", text.size(), bounds.bytes_max));
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return load.refuse(errc::bad_encoding, {1, 1}, "this is UTF-16; UTF-8 is expected");
  }
  const std::uint64_t indicators_max = flow_indicators_per_node * bounds.nodes_max;
  std::uint64_t indicators = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_bytes(text.substr(at));
    if (bytes == 0) {
      return load.refuse(
          errc::bad_encoding, position_of(text, at),
          fmt::format("byte 0x{:02x} is not UTF-8 here", static_cast<unsigned char>(text[at])));
    }
    if (!is_text(text, at)) {
      return load.refuse(
          errc::bad_encoding, position_of(text, at),
          fmt::format("control character 0x{:02x}", static_cast<unsigned char>(text[at])));
    }
    indicators += is_flow_indicator(text[at]) ? 1U : 0U;
    if (indicators > indicators_max) {
      return load.refuse(errc::too_many_nodes, position_of(text, at),
                         fmt::format("more brackets, braces and commas than {} values can need",
                                     bounds.nodes_max));
    }
    at += bytes;
  }
}

}  // namespace engine::workflow::internal
