// Input in a message: in quotes, cut short, without control characters.
#pragma once

#include <string>
#include <string_view>

namespace engine::postgres {

inline std::string quote(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  std::string quoted = "\"";
  for (const char character : text.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(character);
    quoted += byte < 0x20 || byte == 0x7f ? '?' : character;
  }
  return quoted += text.size() > shown_max ? "…\"" : "\"";
}

}  // namespace engine::postgres
