// Whether a text can be stored.
//
// The server holds texts in UTF-8 and has no zero byte. What is refused here need not travel, and
// the message names the argument. Cost: one pass over the bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

/// Of names and kinds.
inline constexpr std::size_t name_bytes_max = 200;
/// Of a workflow's definition, an input, an outcome and other JSON.
inline constexpr std::size_t document_bytes_max = std::size_t{16} << 20;

/// errc::bad_input, naming `what`, unless the text is UTF-8 without zero bytes and not longer than
/// `bytes_max`.
[[nodiscard]] result<void> check_text(std::string_view what, std::string_view text,
                                      std::size_t bytes_max);
/// As a text of at most name_bytes_max, which is not empty.
[[nodiscard]] result<void> check_name(std::string_view what, std::string_view name);

}  // namespace engine::postgres
