// Documents of Argo Workflows: see manifest.h for what is read of them.
#pragma once

#include <string_view>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

inline constexpr std::string_view argo_api_version = "argoproj.io/v1alpha1";

/// Whether `kind` holds templates.
[[nodiscard]] bool is_argo_kind(std::string_view kind);

/// Adds the definitions in `document`, which is of argo_api_version and is_argo_kind(), or skips it
/// with no_tasks.
void read_argo(const node& document, load_context& load);

}  // namespace engine::workflow::internal
