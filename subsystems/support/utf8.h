// UTF-8 as the Unicode Standard has it: table 3-7 of its chapter 3, the same as RFC 3629.
//
// Well-formed means without overlong forms, surrogates, and code points above U+10FFFF.
// Thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace engine::support {

/// The length in bytes of the character that `text` starts with; 0 if `text` is empty or does not
/// start with a well-formed character. O(1).
[[nodiscard]] std::size_t character_bytes(std::string_view text);

/// The code point of the character that `text` starts with. REQUIRES: character_bytes(text) > 0.
[[nodiscard]] char32_t code_point(std::string_view text);

/// One pass; eight bytes at a time where they are ASCII.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace engine::support
