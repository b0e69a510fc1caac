// Whether the placeholders of an Argo template name what is there for it.
//
// In the arguments of tasks and steps, parameters and tasks are looked up when the definition is
// validated (references.h); here it is looked at what only the manifest knows: which outputs the
// template of a task has, which tasks are repeated for items, and whether tasks are called so or
// steps. All else that holds placeholders is looked up in full: conditions, loops, outputs, the
// target of a dag, and the templates that have no tasks.
#pragma once

#include <memory>
#include <string_view>

#include "subsystems/workflow/argo_templates_internal.h"
#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/load_context_internal.h"

namespace engine::workflow::internal {

/// Refuses, with bad_reference, what `one` names and is not there. `read` is its definition; of a
/// template without tasks, one with the workflow's parameters. Expressions ({{=…}}), placeholders
/// in placeholders and what is inline are not looked at. O(text * log(names)).
void check_scope(const argo_template& one, const definition& read, argo_templates& templates,
                 load_context& load);

}  // namespace engine::workflow::internal
