// Turns a definition into a task graph, or says what is wrong with its tasks and their
// placeholders.
#pragma once

#include "subsystems/dag/builder.h"
#include "subsystems/dag/graph.h"
#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Builds the graph of `checked`, whose node i is task i, into `out`. On failure `out` is
/// unchanged. The error is bad_graph, whose message has all that is wrong, one sentence a line, and
/// whose place is the first offending task's; or, if the graph is sound, an error of
/// check_references(). As thread-safe as `builder`. Linear in tasks and dependencies, beside
/// check_references().
[[nodiscard]] result<void> validate(const definition& checked, dag::builder& builder,
                                    dag::graph& out);

}  // namespace engine::workflow
