// Reads workflow definitions from YAML or JSON.
//
// A manifest is a text of one or more documents. Two kinds of document hold definitions:
//
// Headroom's own, apiVersion orchestration.headroom.dev/v1alpha1 and kind Workflow, holds one:
//   metadata: {name: …}
//   spec:
//     parameters: [{name: …, value: …, pattern: '^\d{4}-'}]
//     tasks: [{name: …, type: …, dependsOn: […], with: …, retries: 3, timeout: 1h30m}]
// Unknown keys are refused, so that a misspelt one does not vanish. A pattern is a regular
// expression that must match some part of every value, beginning with the default:
// check_parameter.h.
//
// Argo's, apiVersion argoproj.io/v1alpha1 and kind Workflow, WorkflowTemplate,
// ClusterWorkflowTemplate or CronWorkflow, holds one for each template with `dag` or `steps`. It is
// named "workflow/template", or just "template" if the workflow has neither name nor generateName.
// Its parameters are the template's inputs, its workflow_parameters the workflow's arguments; a
// task's type is the template it names, and its `with` the arguments. A step depends on all steps
// of the group before. Retry strategies, timeouts, loops and conditions are not read, but what
// Argo's own validation refuses of a document with such a template is refused here as well: names
// that it does not take (templates, tasks and steps: letters, digits and "-", 128 bytes; a workflow
// 63, a CronWorkflow 52) or that are there twice, templates that are not there, arguments and
// outputs without a value, keys that exclude each other, and placeholders, of all templates that
// have a name, for tasks, inputs and parameters that are not there. What only Kubernetes or another
// document knows is taken on trust: images, mounts, metrics, schedules, the workflow's outputs and
// labels, the keys of an item. Keys that Argo does not know are among the warnings.
//
// The texts in `with` are templates (templating/compiled_template.h), with the place of each "{{";
// what they refer to is for validate.h to check. Braces that are text are written {{ '{{' }}. A
// text that begins with "{{" must stand in quotes. In Argo's arguments, as in Argo, only what
// begins with one of its words (item, steps., inputs., outputs., pod., workflow., tasks.,
// lastRetry., retries, node.name) or with "=" is a placeholder. Other braces are text, and `with`
// has them as templating writes text; workflow.parameters.json is a filter there, as are labels and
// annotations: {{workflow.parameters | json}}; item.[0] and item.a:b are item[0] and item['a:b'].
//
// Other documents are passed over, and named in manifest::skipped.
//
// YAML is 1.2 as yaml-cpp reads it, but that an unquoted text inside [] or {} may hold a question
// mark, unless it goes over several lines or the whole document stands in brackets. Not supported
// are merge keys (<<), keys that are no text, anchors on keys, and tags other than the core
// schema's. A text without a newline at its end is read as if it had one. A lone carriage return
// ends a line, too, and a byte order mark may begin any document. In a document that begins with a
// bracket, JSON's pairs of escapes and keys of any length are JSON's.
//
// Thread-safe: no shared state. O(n log n) in the length of the text, whatever the text: limits.h.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"
#include "subsystems/workflow/limits.h"

namespace engine::workflow {

struct manifest {
  /// In the order of the text; never empty.
  std::vector<definition> definitions;
  /// Documents without a definition, and why: not_a_workflow or no_tasks.
  std::vector<error> skipped;
  /// What was read all the same but is most likely a mistake, in the order of the text: show it to
  /// the author. At most limits::problems_max of them.
  std::vector<error> warnings;
  /// There were more warnings.
  bool warnings_truncated = false;
};

/// The definitions in `text`, or all that is wrong with it: the error's code and place are those of
/// the first problem, and its message has one sentence a line, in the order of the text, each but
/// the first with its place in front; limits::problems_max of them at most. Of what is no YAML, and
/// behind a limit that is passed, nothing more is known. A text without any definition is refused
/// with the reason of its first workflow without tasks, or else of its first document.
/// `source_name` says in errors what `text` is.
[[nodiscard]] result<manifest> load_manifest(std::string_view text, std::string_view source_name,
                                             const limits& bounds = {});

/// The definitions in a file, which the errors name by its path. Refuses what is not a regular
/// file, unread.
[[nodiscard]] result<manifest> load_manifest_file(const std::filesystem::path& path,
                                                  const limits& bounds = {});

}  // namespace engine::workflow
