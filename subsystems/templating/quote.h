// Input in error messages: short, on one line and well-formed UTF-8, whatever the input was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engine::templating {

/// `text` as it may be shown: beyond 60 bytes it is cut off with "…", and control characters and
/// bytes that are not UTF-8 are written as \xNN.
[[nodiscard]] std::string excerpt(std::string_view text);

/// The same in double quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// "; did you mean "name"?", or nothing if there is no such name.
[[nodiscard]] std::string did_you_mean(std::string_view nearest);

/// The length in bytes of the character that `text` starts with; 0 if `text` is empty or does not
/// start with a character in well-formed UTF-8.
[[nodiscard]] std::size_t character_bytes(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace engine::templating
