// The keys that Argo knows, where a misspelt one would change what a workflow does.
#pragma once

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// Warns, with unknown_key and the nearest known one, of keys of `document`, of Argo's version and
/// kind `is_cron` or another, that no version of Argo since 3.0 knows: those of the workflow, its
/// templates, tasks, arguments, inputs and outputs. What Kubernetes defines, as containers and
/// volumes, is not looked at. O(keys * known ones), until the warnings are as many as are kept.
void warn_of_unknown_keys(const node& document, bool is_cron, load_context& load);

}  // namespace engine::workflow::internal
