// Documents of headroom's own format: see manifest.h for what they hold.
#pragma once

#include <string_view>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

inline constexpr std::string_view own_api_version = "orchestration.headroom.dev/v1alpha1";

/// Adds the definition in `document`, a Workflow of own_api_version.
void read_own(const node& document, load_context& load);

}  // namespace engine::workflow::internal
