#include "subsystems/workflow/references.h"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

// The error of the last definition of a manifest, "" if there is none.
std::string refusal_of_last(std::string_view text) {
  const auto loaded = load_manifest(text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  dag::builder builder;
  dag::graph graph;
  const result<void> built = validate(loaded->definitions.back(), builder, graph);
  return built ? "" : built.error().what();
}

// extract <- clean.up <- load, and audit beside them; `input`, in line 11 from column 12 on, is
// that of load.
std::string own_manifest(std::string_view input) {
  return fmt::format(R"(apiVersion: orchestration.headroom.dev/v1alpha1
kind: Workflow
metadata: {{name: w}}
spec:
  parameters: [{{name: date, value: 1}}, {{name: region}}, {{name: a.b}}]
  tasks:
    - {{name: extract}}
    - {{name: clean.up, dependsOn: [extract]}}
    - {{name: audit}}
    - {{name: load, dependsOn: [clean.up], with:
        [ '{}' ]}}
)",
                     input);
}

struct reference_row {
  std::string_view placeholder;
  std::string_view problem;  // none if empty
};

constexpr reference_row own_rows[] = {
    // Tasks.
    {"{{tasks.extract.outputs.result}}", ""},
    {"{{ tasks.extract }}", ""},
    {"{{steps.extract.outputs.parameters.x}}", ""},
    {"{{tasks.clean.up.outputs}}", ""},
    {"{{tasks[\"clean.up\"].outputs[0]}}", ""},
    {"{{tasks.extract.outputs | default(1) | json}}", ""},
    {"{{tasks.name}}", ""},
    {"{{tasks.extrct.outputs}}", "there is no task \"extrct\"; did you mean \"extract\"?"},
    {"{{steps[\"clean.pu\"].x}}", "there is no task \"clean.pu\"; did you mean \"clean.up\"?"},
    {"{{tasks[0]}}", "there is no task \"[0]\""},
    {"{{tasks.x.outputs | default(1)}}", "there is no task \"x\""},
    {"{{tasks.name.x}}", "there is no task \"name\""},
    {"{{tasks.load.outputs}}", "a task cannot refer to itself"},
    {"{{tasks.audit.outputs}}", "task \"audit\" is not upstream of \"load\""},
    {"{{tasks.audit.outputs|default(1)}}", "task \"audit\" is not upstream of \"load\""},
    {"{{tasks}}", "\"tasks\" alone has no value"},
    {"{{ task.extract.outputs }}", "there is no variable \"task\"; did you mean \"tasks\"?"},
    {"{{extract.outputs}}", "there is no variable \"extract\"; did you mean \"tasks.extract\"?"},
    // Parameters.
    {"{{inputs.parameters.date}}", ""},
    {"{{inputs.parameters.date.of[1]}}", ""},
    {"{{inputs.parameters}}", ""},
    {"{{parameters.region}}", ""},
    {"{{parameters}}", ""},
    {"{{workflow.parameters.date}}", ""},
    {"{{workflow.parameters}}", ""},
    {"{{parameters.a.b.c}}", ""},
    {"{{parameters[\"a.b\"]}}", ""},
    {"{{parameters.x | default(1)}}", ""},
    {"{{inputs.parameters.dat}}", "there is no parameter \"dat\"; did you mean \"date\"?"},
    {"{{workflow.parameters.Region}}",
     "there is no parameter \"Region\"; did you mean \"region\"?"},
    {"{{parameters.a}}", "there is no parameter \"a\""},
    {"{{parameters.x | json}}", "there is no parameter \"x\""},
    {"{{workflow.parameters.json}}", "there is no parameter \"json\""},
    {"{{date}}", "there is no variable \"date\"; did you mean \"inputs.parameters.date\"?"},
    {"{{inputs}}", "\"inputs\" alone has no value"},
    {"{{inputs.parameter.date}}",
     "there is no variable \"inputs.parameter\"; did you mean \"inputs.parameters\"?"},
    // Variables.
    {"{{inputs.artifacts.whatever.path}}", ""},
    {"{{workflow.name}}-{{workflow.creationTimestamp.Y}}", ""},
    {"{{workflow.annotations.example.io/owner}}", ""},
    {"{{item}} {{item.a.b}} {{pod.name}} {{retries}} {{lastRetry.message}}", ""},
    {"{{outputs.result}} {{resourcesDuration.cpu}} {{cronworkflow.failed}}", ""},
    {"{{workflow.nam}}", "there is no variable \"workflow.nam\"; did you mean \"workflow.name\"?"},
    {"{{workflow.elapsed}}", "there is no variable \"workflow.elapsed\""},
    {"{{pod}}", "\"pod\" alone has no value"},
    {"{{itme}}", "there is no variable \"itme\"; did you mean \"item\"?"},
    {"{{adte}}", "there is no variable \"adte\"; did you mean \"inputs.parameters.date\"?"},
    {"{{exract.x}}", "there is no variable \"exract\"; did you mean \"tasks.extract\"?"},
    {"{{x.y}}", "there is no variable \"x\"; braces that are text are written {{ '{{' }}"},
    {"{{x | default(1)}}",
     "there is no variable \"x\"; braces that are text are written {{ '{{' }}"},
    // None.
    {"{{ \"tasks.x\" }}", ""},
    {"no {placeholder}}", ""},
};

TEST(references, are_looked_up_in_headrooms_own_format) {
  for (const reference_row& each : own_rows) {
    const std::string expected = each.problem.empty()
                                     ? std::string()
                                     : fmt::format("t:11:12: workflow \"w\": task \"load\": {}: {}",
                                                   each.placeholder, each.problem);
    EXPECT_EQ(refusal_of_last(own_manifest(each.placeholder)), expected) << each.placeholder;
  }
}

TEST(references, must_stand_in_well_formed_placeholders) {
  struct row {
    std::string_view text;
    int column;
    std::string_view problem;
  };
  const row rows[] = {
      {"{{}}", 12, "{{}}: the placeholder is empty"},
      {"x{{ =now() }}", 13,
       "{{ =now() }}: {{=…}} is an expression, which is not supported; name a value and use "
       "filters"},
      {"{{.x}}", 12, "{{.x}}: a name is expected, not \".\""},
      {"{{a b}}", 12, "{{a b}}: \"|\" or \"}}\" is expected, not \"b\""},
      {"{{a | lower}}", 12,
       "{{a | lower}}: there is no filter \"lower\"; there are default, json, string, length, "
       "match "
       "and replace"},
      {"{{a | match(\"(\")}}", 12, "{{a | match(\"(\")}}: pattern \"(\": missing ): ("},
      {"{{a \"}} {{item}}", 12, "{{a \"}} {{item}}: \"|\" or \"}}\" is expected, not \"\\\"\""},
      {"{{tasks.extract", 12, "the placeholder \"{{tasks.extract\" is not closed"},
      {"{{item}} {{tasks.", 21, "the placeholder \"{{tasks.\" is not closed"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(own_manifest(each.text), "t");
    dag::builder builder;
    dag::graph graph;
    const result<void> built = validate(loaded.value().definitions.front(), builder, graph);
    ASSERT_FALSE(built.has_value()) << each.text;
    EXPECT_EQ(built.error().code, errc::bad_template) << each.text;
    EXPECT_EQ(built.error().what(),
              fmt::format("t:11:{}: workflow \"w\": task \"load\": {}; braces that are text are "
                          "written {{{{ '{{{{' }}}}",
                          each.column, each.problem));
  }
}

// A template m with `inputs` whose tasks are a <- b; `argument`, in line 16 from column 52 on, is
// b's.
std::string argo_manifest(std::string_view kind, std::string_view argument,
                          std::string_view spec_field = "entrypoint: m") {
  return fmt::format(R"(apiVersion: argoproj.io/v1alpha1
kind: {}
metadata: {{name: w}}
spec:
  {}
  arguments: {{parameters: [{{name: message, value: hi}}, {{name: size}}]}}
  templates:
  - name: m
    inputs: {{parameters: [{{name: own}}]}}
    dag:
      tasks:
      - {{name: a, template: x}}
      - name: b
        template: x
        dependencies: [a]
        arguments: {{parameters: [{{name: p, value: '{}'}}]}}
  - {{name: x, container: {{}}, outputs: {{parameters: [{{name: x, valueFrom: {{path: /x}}}}]}}}}
)",
                     kind, spec_field, argument);
}

TEST(references, are_looked_up_in_argos_workflows) {
  const reference_row rows[] = {
      {"{{inputs.parameters.own}}", ""},
      {"{{inputs.parameters.message}}", "there is no parameter \"message\""},
      {"{{workflow.parameters.message}}{{workflow.parameters.size}}", ""},
      {"{{workflow.parameters}}{{workflow.parameters.json}}", ""},
      {"{{workflow.parameters.mesage}}",
       "the workflow has no parameter \"mesage\"; did you mean \"message\"?"},
      {"{{workflow.parameters.own}}", "the workflow has no parameter \"own\""},
      {"{{workflow.parameters.own | default(1)}}", ""},
      {"{{parameters.own}}", ""},
      {"{{paramters.own}}", ""},
      {"{{tasks.a.outputs.parameters.x}}", ""},
      {"{{tasks.b.outputs.parameters.x}}", "a task cannot refer to itself"},
      {"{{tasks.c.id}}", "there is no task \"c\""},
      {"{{own}}", ""},
  };
  for (const reference_row& each : rows) {
    for (const std::string_view kind : {"Workflow", "WorkflowTemplate"}) {
      const bool holds_for_callers_only =
          kind != "Workflow" && each.problem.starts_with("the workflow has");
      const std::string expected =
          each.problem.empty() || holds_for_callers_only
              ? std::string()
              : fmt::format("t:16:52: workflow \"w/m\": task \"b\": {}: {}", each.placeholder,
                            each.problem);
      EXPECT_EQ(refusal_of_last(argo_manifest(kind, each.placeholder)), expected)
          << each.placeholder;
    }
  }
}

TEST(references, may_name_what_callers_add_to_argos_parameters) {
  const std::string_view placeholder = "{{workflow.parameters.other}}";
  struct row {
    std::string_view kind;
    std::string_view spec_field;
    bool is_complete;
  };
  const row rows[] = {
      {"Workflow", "entrypoint: m", true},
      {"Workflow", "workflowTemplateRef: {name: o}", false},
      {"WorkflowTemplate", "entrypoint: m", false},
      {"ClusterWorkflowTemplate", "entrypoint: m", false},
  };
  for (const row& each : rows) {
    const std::string refusal =
        refusal_of_last(argo_manifest(each.kind, placeholder, each.spec_field));
    EXPECT_EQ(!refusal.empty(), each.is_complete) << each.kind << ' ' << refusal;
  }
}

TEST(references, of_a_cron_workflow_name_the_parameters_of_its_workflow) {
  const auto cron = [](std::string_view name) {
    return fmt::format(
        "apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nspec:\n  workflowSpec:\n"
        "    arguments: {{parameters: [{{name: message}}]}}\n    templates:\n"
        "    - {{name: m, steps: [{{name: a, template: x,\n"
        "        arguments: {{parameters: ['{{{{workflow.parameters.{}}}}}']}}}}]}}\n"
        "    - {{name: x, script: {{}}}}\n",
        name);
  };
  EXPECT_EQ(refusal_of_last(cron("message")), "");
  EXPECT_EQ(refusal_of_last(cron("massage")),
            "t:8:35: workflow \"m\": task \"a\": {{workflow.parameters.massage}}: the workflow has "
            "no parameter \"massage\"; did you mean \"message\"?");
}

TEST(references, of_a_step_reach_the_groups_before_only) {
  const auto steps = [](std::string_view name) {
    return fmt::format(
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n  - name: m\n"
        "    steps:\n    - [{{name: a, template: x}}]\n    - [{{name: b, template: x}}]\n"
        "    - - {{name: c, template: x, arguments: ['{{{{steps.{}.outputs.result}}}}']}}\n"
        "      - {{name: d, template: x}}\n    - [{{name: e, template: x}}]\n"
        "  - {{name: x, script: {{}}}}\n",
        name);
  };
  EXPECT_EQ(refusal_of_last(steps("a")), "");
  EXPECT_EQ(refusal_of_last(steps("b")), "");
  for (const char* const name : {"d", "e"}) {
    EXPECT_EQ(
        refusal_of_last(steps(name)),
        fmt::format("t:9:45: workflow \"m\": task \"c\": {{{{steps.{0}.outputs.result}}}}: task "
                    "\"{0}\" is not upstream of \"c\"",
                    name));
  }
}

}  // namespace
}  // namespace engine::workflow
