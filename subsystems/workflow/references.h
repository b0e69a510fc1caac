// Whether what the placeholders of a definition name is there when they are replaced.
//
// A task's input may read
//   tasks.NAME…, steps.NAME…     a task that ends before it starts: upstream, directly or not
//   inputs.parameters.NAME…      a parameter of the definition
//   workflow.parameters.NAME…    a parameter of the Argo workflow it stands in; in headroom's own
//                                format, one of the definition's, and so is parameters.NAME…
//   inputs.artifacts.NAME…       anything
//   workflow.name, item, pod.name, …   the variables that Argo documents
// Names with dots are found as they are, or in brackets: tasks['a.b'].outputs. A parameter may be
// missing if the filter default follows.
//
// Thread-safe: no shared state.
#pragma once

#include <cstddef>

#include "subsystems/dag/graph.h"
#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Problems that one error tells of.
inline constexpr std::size_t reference_problems_max = 16;

/// Refuses with bad_template, if the first problem is a placeholder that is not well-formed, or
/// with bad_reference. The message has all problems in their order, one sentence a line, each but
/// the first with its place in front; the error's place is the first one's. In headroom's own
/// format, the first that may come of braces meant as text says how to write such.
///
/// O(n log n) in names, values and text of the definition, beside the regular expressions in
/// placeholders. References to tasks that are not direct dependencies cost O(tasks + dependencies)
/// for every 64 different tasks among them.
/// REQUIRES: node i of `graph` is task i of `checked`.
[[nodiscard]] result<void> check_references(const definition& checked, const dag::graph& graph);

}  // namespace engine::workflow
