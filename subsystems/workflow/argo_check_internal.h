// What Argo refuses of a document, beside what its graphs and placeholders are refused for.
#pragma once

#include <string_view>

#include "subsystems/workflow/argo_templates_internal.h"
#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// Refuses names that Argo does not take or that are there twice, templates that are of two kinds
/// or are not there, arguments and outputs without a value, and keys that exclude each other or
/// say nothing where they stand. `spec` is that of the workflow, and `subject` what messages call
/// it. O(values * log(names)), beside the time to find nearest names, which is bounded.
void check_argo(const node& spec, std::string_view subject, argo_templates& templates,
                load_context& load);

}  // namespace engine::workflow::internal
