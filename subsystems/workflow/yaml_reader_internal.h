// YAML and JSON, which is YAML, as a tree.
#pragma once

#include <string_view>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// The values of all documents in `text`; none if it is refused, as not well-formed or beyond the
/// limits.
[[nodiscard]] forest read_yaml(std::string_view text, load_context& load);

}  // namespace engine::workflow::internal
