#include "subsystems/postgres/text_check.h"

#include <fmt/format.h>

#include "subsystems/support/utf8.h"

namespace engine::postgres {
result<void> check_text(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return error{errc::bad_input,
                 fmt::format("{} has {} bytes, {} are the most", what, text.size(), bytes_max)};
  }
  if (text.find('\0') != std::string_view::npos) {
    return error{errc::bad_input,
                 fmt::format("{} has a zero byte at offset {}", what, text.find('\0'))};
  }
  if (!support::is_utf8(text)) {
    return error{errc::bad_input, fmt::format("{} is not UTF-8", what)};
  }
  return {};
}

result<void> check_name(std::string_view what, std::string_view name) {
  if (name.empty()) {
    return error{errc::bad_input, fmt::format("{} is empty", what)};
  }
  return check_text(what, name, name_bytes_max);
}

}  // namespace engine::postgres
