// What can be said of a text before it is parsed.
#pragma once

#include <string_view>

#include "subsystems/workflow/load_context_internal.h"

namespace engine::workflow::internal {

/// Refuses texts beyond bytes_max, texts that are not UTF-8 or hold control characters, and texts
/// with so many flow indicators ([]{},) that they cannot keep nodes_max. The parser needs all
/// three: it takes the byte 0x04 for the end of its input, and it turns a whole flow collection
/// into tokens before it reports the first of its values. One pass.
void check_text(std::string_view text, load_context& load);

}  // namespace engine::workflow::internal
