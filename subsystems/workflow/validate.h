// Turns a definition into a task graph, or says what is wrong with its tasks.
#pragma once

#include "subsystems/dag/builder.h"
#include "subsystems/dag/graph.h"
#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Builds the graph of `checked`, whose node i is task i, into `out`. On failure `out` is
/// unchanged, and the error is bad_graph: its message has all that is wrong, one sentence a line,
/// and its place is the first offending task's. As thread-safe as `builder`. Linear in tasks and
/// dependencies.
[[nodiscard]] result<void> validate(const definition& checked, dag::builder& builder,
                                    dag::graph& out);

}  // namespace engine::workflow
