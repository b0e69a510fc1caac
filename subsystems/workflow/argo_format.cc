#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_braces_internal.h"
#include "subsystems/workflow/argo_check_internal.h"
#include "subsystems/workflow/argo_format_internal.h"
#include "subsystems/workflow/argo_keys_internal.h"
#include "subsystems/workflow/argo_scope_internal.h"
#include "subsystems/workflow/argo_templates_internal.h"
#include "subsystems/workflow/depends_expression.h"
#include "subsystems/workflow/first_mentions_internal.h"
#include "subsystems/workflow/object_reader_internal.h"

namespace engine::workflow::internal {
namespace {

using support::in_quotes;

constexpr std::array<std::string_view, 4> kinds = {"Workflow", "WorkflowTemplate",
                                                   "ClusterWorkflowTemplate", "CronWorkflow"};

// What a task or step runs: a template of this workflow or of another, or one in its place.
std::string read_type(object_reader& fields) {
  const node* const name = fields.find("template");
  if (name != nullptr && (name->kind != node_kind::scalar || !name->text.empty())) {
    return fields.text("template");
  }
  if (fields.has("templateRef")) {
    object_reader reference = fields.object("templateRef");
    const std::string owner = reference.required_text("name");
    return fmt::format("{}/{}", owner, reference.required_text("template"));
  }
  if (!fields.has("inline") && fields.is_map()) {
    fields.refuse(errc::missing_key, fields.where(), "template, templateRef or inline is missing");
  }
  return "inline";
}

// What the templates of a document share.
struct document_facts {
  std::string name;
  std::string spec;  // what messages call it
  std::shared_ptr<const shared_parameters> parameters;
};

// All that a DAG's task and a step have in common.
task read_work(object_reader& fields, std::string_view noun, std::string_view owner,
               const document_facts& document, load_context& load) {
  task read;
  read.name = fields.required_name("name");
  read.where = fields.where();
  if (!read.name.empty()) {
    fields.rename(fmt::format("{}: {} {}", owner, noun, in_quotes(read.name)));
  }
  read.type = read_type(fields);
  read.with = fields.json("arguments", numbers::written);
  read.placeholders = fields.placeholders("arguments");
  adopt_argo_templates(read.with, read.placeholders, *document.parameters, fields.subject(), load);
  return read;
}

std::vector<std::string> own_copies(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

std::vector<std::string> read_dependencies(object_reader& fields) {
  const std::vector<std::string> names = fields.texts("dependencies");
  return own_copies(first_mentions(std::vector<std::string_view>(names.begin(), names.end())));
}

// An empty expression counts as none.
std::vector<std::string> read_depends(object_reader& fields) {
  const std::string expression = fields.text_of_lines("depends");
  if (expression.empty()) {
    return {};
  }
  const result<std::vector<std::string_view>> names = parse_depends(expression);
  if (!names) {
    fields.refuse(errc::bad_expression, fields.find("depends")->where,
                  fmt::format("depends {}: {}", in_quotes(expression), names.error().message));
    return {};
  }
  return own_copies(*names);
}

void read_edges(object_reader& fields, bool with_depends, load_context& load, task& read) {
  if (fields.has("depends")) {
    read.depends_on = read_depends(fields);
  }
  if (!fields.list("dependencies").empty()) {
    if (with_depends) {
      fields.refuse(errc::conflicting_keys, fields.find("dependencies")->where,
                    "dependencies cannot stand in a dag that uses depends");
    }
    read.depends_on = read_dependencies(fields);
  }
  load.admit_dependencies(read.depends_on.size(), read.where);
}

bool uses_depends(const node* task) {
  return std::any_of(task->members.begin(), task->members.end(), [](const member& field) {
    return field.key == "depends" && !field.value->text.empty();
  });
}

void read_dag(object_reader& template_fields, const document_facts& document, definition& into,
              load_context& load) {
  const std::string& owner = template_fields.subject();
  object_reader dag = template_fields.object("dag");
  const std::span<const node* const> tasks = dag.list("tasks");
  const bool with_depends = std::any_of(tasks.begin(), tasks.end(), uses_depends);
  for (std::size_t at = 0; at < tasks.size() && load.admit_task(tasks[at]->where); ++at) {
    object_reader fields(*tasks[at], fmt::format("{}: tasks[{}]", owner, at), load);
    task read = read_work(fields, "task", owner, document, load);
    read_edges(fields, with_depends, load, read);
    into.tasks.push_back(std::move(read));
  }
  if (dag.is_map() && dag.has_no("tasks")) {
    template_fields.refuse(errc::no_tasks, template_fields.where(), "no tasks");
  }
}

// A step waits for all steps of the nearest group before that has any.
void read_steps(object_reader& template_fields, const document_facts& document, definition& into,
                load_context& load) {
  const std::string& owner = template_fields.subject();
  const std::span<const node* const> groups = template_fields.list("steps");
  std::vector<std::string> before;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    std::vector<std::string> names;
    for (const node* step : steps_of(groups[at])) {
      if (!load.admit_task(step->where) || !load.admit_dependencies(before.size(), step->where)) {
        return;
      }
      const std::string place = fmt::format("{}: steps[{}][{}]", owner, at, names.size());
      object_reader fields(*step, place, load);
      task read = read_work(fields, "step", owner, document, load);
      read.depends_on = before;
      names.push_back(read.name);
      into.tasks.push_back(std::move(read));
    }
    if (!names.empty()) {
      before = std::move(names);
    }
  }
  if (into.tasks.empty() && template_fields.find("steps")->kind == node_kind::sequence) {
    template_fields.refuse(errc::no_tasks, template_fields.where(), "no tasks");
  }
}

// `holder_key`: "inputs" of a template, "arguments" of a workflow.
std::vector<parameter> read_parameters(object_reader& fields, std::string_view holder_key,
                                       load_context& load) {
  std::vector<parameter> parameters;
  object_reader holder = fields.object(holder_key);
  const std::span<const node* const> items = holder.list("parameters");
  for (std::size_t at = 0; at < items.size() && !load.stopped(); ++at) {
    object_reader from(*items[at], fmt::format("{}: parameters[{}]", holder.subject(), at), load);
    parameter read;
    read.name = from.required_name("name");
    read.where = from.where();
    for (const std::string_view key : {"value", "default"}) {
      if (!read.value && from.has(key)) {
        read.value = from.json(key, numbers::written);
      }
    }
    parameters.push_back(std::move(read));
  }
  return parameters;
}

// Adds the template's definition; false if it is of a kind that has no tasks.
bool read_template(argo_templates& templates, std::size_t index, const document_facts& workflow,
                   load_context& load) {
  const argo_template& one = templates.all()[index];
  object_reader fields(*one.from, fmt::format("{}: templates[{}]", workflow.spec, index), load);
  const bool is_dag = fields.has("dag");
  if (!is_dag && !fields.has("steps")) {
    return false;
  }
  definition read;
  const std::string name = fields.required_name("name");
  if (!name.empty()) {
    fields.rename(fmt::format("template {}", in_quotes(name)));
  }
  if (is_dag && fields.has("steps")) {
    fields.refuse(errc::conflicting_keys, fields.where(), "dag and steps exclude each other");
  }
  read.name = workflow.name.empty() ? name : fmt::format("{}/{}", workflow.name, name);
  read.source = load.source();
  read.where = fields.where();
  read.parameters = read_parameters(fields, "inputs", load);
  read.workflow_parameters = workflow.parameters;
  if (!is_dag) {
    read_steps(fields, workflow, read, load);
  } else if (!fields.has("steps")) {
    read_dag(fields, workflow, read, load);
  }
  if (!load.stopped()) {  // Otherwise it lacks tasks that the manifest has.
    check_scope(one, read, templates, load);
  }
  load.add(std::move(read));
  return true;
}

void check_leaves(const document_facts& workflow, argo_templates& templates, load_context& load) {
  for (const argo_template& each : templates.all()) {
    if (each.is_graph() || load.stopped()) {
      continue;
    }
    definition alone;
    alone.workflow_parameters = workflow.parameters;
    for (const std::string_view name : each.input_parameters) {
      alone.parameters.emplace_back().name = name;
    }
    check_scope(each, alone, templates, load);
  }
}

// Kubernetes takes so many; a cron workflow's are called by its name and eleven bytes more.
void check_workflow_name(object_reader& metadata, std::string_view kind, load_context& load) {
  const std::size_t bytes_max = kind == "CronWorkflow" ? 52 : 63;
  const node* const name = metadata.find("name");
  if (name != nullptr && name->text.size() > bytes_max) {
    load.refuse(errc::bad_value, name->where,
                fmt::format("{}: name {} is longer than {} bytes", metadata.subject(),
                            in_quotes(name->text), bytes_max));
  }
}

// Whoever refers to a template brings parameters of his own.
bool has_all_parameters(std::string_view kind, const object_reader& spec) {
  return (kind == "Workflow" || kind == "CronWorkflow") && !spec.has("workflowTemplateRef");
}

// The sentence that says why a document without definitions has none.
std::string reason_for_none(object_reader& spec) {
  if (!spec.list("templates").empty()) {
    return "none of its templates has dag or steps";
  }
  if (spec.has("workflowTemplateRef")) {
    object_reader reference = spec.object("workflowTemplateRef");
    return fmt::format("it refers to those of {}", in_quotes(reference.text("name")));
  }
  return "it has no templates";
}

}  // namespace

bool is_argo_kind(std::string_view kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

void read_argo(const node& document, load_context& load) {
  object_reader top(document, "workflow", load);
  const std::string kind = top.text("kind");
  warn_of_unknown_keys(document, kind == "CronWorkflow", load);
  object_reader metadata = top.object("metadata");
  const std::string_view name_key = metadata.has("name") ? "name" : "generateName";
  document_facts workflow;
  workflow.name = metadata.has(name_key) ? metadata.required_name(name_key) : "";
  if (!workflow.name.empty()) {
    top.rename(fmt::format("workflow {}", in_quotes(workflow.name)));
  }

  object_reader outer = top.object("spec");
  object_reader spec = outer.has("workflowSpec") ? outer.object("workflowSpec") : outer;
  workflow.spec = spec.subject();
  workflow.parameters = std::make_shared<const shared_parameters>(
      read_parameters(spec, "arguments", load), has_all_parameters(kind, spec));
  const std::span<const node* const> templates = spec.list("templates");
  argo_templates all(spec.source());
  bool found = false;
  for (std::size_t at = 0; at < templates.size() && !load.stopped(); ++at) {
    found = read_template(all, at, workflow, load) || found;
  }
  if (!found) {
    return load.skip(
        errc::no_tasks, top.where(),
        fmt::format("{}: no template with tasks: {}", top.subject(), reason_for_none(spec)));
  }
  check_workflow_name(metadata, kind, load);
  check_argo(spec.source(), spec.subject(), all, load);
  check_leaves(workflow, all, load);
}

}  // namespace engine::workflow::internal
