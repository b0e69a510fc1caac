// Where a placeholder ends, by its quotes and braces alone.
#pragma once

#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {

/// Behind the first "}}" outside quotes, from `stop` on, the first byte behind "{{" that is one of
/// } ' "; null if the text ends before. O(distance).
[[nodiscard]] const char* placeholder_end(const char* stop, const char* end, const kernels& code);

}  // namespace engine::templating::internal
