#include <string>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

// What the tasks run.
constexpr std::string_view x = "  - {name: x, container: {image: i}}\n";

std::string document(std::string_view kind, std::string_view spec) {
  return fmt::format("apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: w}}\nspec:\n{}",
                     kind, spec);
}

std::string with_dag(std::string_view tasks) {
  return document("Workflow",
                  fmt::format("  templates:\n  - name: m\n    dag:\n      tasks:\n{}{}", tasks, x));
}

std::string with_steps(std::string_view steps) {
  return document("Workflow", fmt::format("  templates:\n  - name: m\n    steps:\n{}{}", steps, x));
}

// "workflow/template: task<dependency,dependency task …", one definition a line, or the error.
std::string graph_of(std::string_view text) {
  const auto loaded = load_manifest(text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  std::string shown;
  for (const definition& each : loaded->definitions) {
    shown += each.name + ':';
    for (const task& node : each.tasks) {
      shown += fmt::format(" {}<{}", node.name, fmt::join(node.depends_on, ","));
    }
    shown += '\n';
  }
  return shown;
}

TEST(argo_format, reads_the_graphs_of_templates) {
  struct row {
    std::string text;
    std::string graph;
  };
  const row rows[] = {
      {with_dag("      - {name: A, template: x}\n"
                "      - {name: B, template: x, dependencies: [A]}\n"
                "      - {name: C, template: x, dependencies: [B, A, B]}\n"),
       "w/m: A< B<A C<B,A\n"},
      {with_dag("      - {name: A, template: x, depends: ''}\n"
                "      - {name: B, template: x, depends: A}\n"
                "      - {name: C, template: x, depends: 'B.Failed && (A || !B)'}\n"
                "      - {name: D, template: x, dependencies: []}\n"),
       "w/m: A< B<A C<B,A D<\n"},
      {with_steps("    - - {name: a, template: x}\n"
                  "    - - {name: b, template: x}\n"
                  "      - {name: c, template: x}\n"
                  "    - {name: d, template: x}\n"
                  "    - []\n"
                  "    - - {name: e, inline: {container: {}}}\n"),
       "w/m: a< b<a c<a d<b,c e<d\n"},
      {document("Workflow",
                "  templateDefaults: {steps: []}\n"
                "  entrypoint: m\n"
                "  templates:\n"
                "  - {name: x, container: {image: i}}\n"
                "  - {name: m, dag: {tasks: [{name: A, template: x}]}, unknown: [1]}\n"
                "  - {name: n, steps: [[{name: b, template: x, when: 'true'}]]}\n"),
       "w/m: A<\nw/n: b<\n"},
      {document("CronWorkflow",
                "  schedule: '* * * * *'\n"
                "  workflowSpec:\n"
                "    templates:\n"
                "    - {name: m, steps: [[{name: b, template: x}]]}\n"
                "    - {name: x, container: {image: i}}\n"),
       "w/m: b<\n"},
      {document(
           "WorkflowTemplate",
           "  templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]\n"),
       "w/m: b<\n"},
      {document(
           "ClusterWorkflowTemplate",
           "  templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]\n"),
       "w/m: b<\n"},
      {"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: g-}\n"
       "spec: {templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]}\n",
       "g-/m: b<\n"},
      {"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n"
       "spec: {templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]}\n",
       "m: b<\n"},
      {R"({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "w"},
           "spec": {"templates": [{"name": "x", "container": {}}, {"name": "m", "dag": {"tasks": [
             {"name": "A", "template": "x"}, {"name": "B", "template": "x", "depends": "A"}]}}]}})",
       "w/m: A< B<A\n"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(graph_of(each.text), each.graph) << each.text;
  }
}

TEST(argo_format, reads_depends_over_several_lines) {
  constexpr std::string_view head =
      "      - {name: A, template: x}\n      - {name: B, template: x}\n"
      "      - name: C\n        template: x\n        depends: ";
  const std::string_view expressions[] = {
      ">\n          A &&\n          B.Failed\n",
      ">-\n          A &&\n\n          B.Failed\n",
      "|\n          A &&\n            B.Failed\n",
      "|-\n          (A\n          && B)\n",
      "|+\n          A\n          ||\n          !B\n\n",
      "A &&\n          B\n",
      "\"A\\t&&\\r\\n\\tB\"\n",
      "|\n          A\t&&\tB\n",
      "'A\t||\tB'\n",
  };
  for (const std::string_view each : expressions) {
    std::string text = with_dag(fmt::format("{}{}", head, each));
    EXPECT_EQ(graph_of(text), "w/m: A< B< C<A,B\n") << text;
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
      text.replace(at, 1, "\r\n");
    }
    EXPECT_EQ(graph_of(text), "w/m: A< B< C<A,B\n") << text;
  }
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"|\n          A &&\n", "\"A &&\\x0a\": a task name is expected, not the end at character 6"},
      {"\"A\\x0b&& B\"\n", "\"A\\x0b&& B\" has control characters"},
      {"\"A\\0\"\n", "\"A\\x00\" has control characters"},
      {">\n          A\n          B\n",
       "\"A B\\x0a\": \"&&\" or \"||\" is expected, not \"B\" at character 3"},
  };
  for (const auto& [expression, problem] : wrong) {
    const std::string text = with_dag(fmt::format("{}{}", head, expression));
    EXPECT_EQ(graph_of(text),
              fmt::format("t:13:18: template \"m\": task \"C\": depends {}", problem))
        << text;
  }
}

TEST(argo_format, reads_types_arguments_inputs_and_places) {
  const auto loaded = load_manifest(with_dag(R"(      - name: A
        template: x
        arguments: {parameters: [{name: p, value: "{{ inputs.parameters.q }}"}]}
      - name: B
        templateRef: {name: other, template: y, clusterScope: true}
      - name: C
        inline: {dag: {tasks: []}}
    inputs:
      parameters:
      - name: p
      - {name: q, default: 1}
      - {name: r, default: 1, value: two}
)"),
                                    "t");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  const definition& read = loaded->definitions.at(0);
  EXPECT_EQ(read.where, (position{6, 5}));
  EXPECT_EQ(read.source, "t");
  ASSERT_EQ(read.tasks.size(), 3U);
  EXPECT_EQ(read.tasks[0].type, "x");
  EXPECT_EQ(boost::json::serialize(read.tasks[0].with),
            R"({"parameters":[{"name":"p","value":"{{ inputs.parameters.q }}"}]})");
  EXPECT_EQ(read.tasks[0].where, (position{9, 9}));
  EXPECT_EQ(read.tasks[1].type, "other/y");
  EXPECT_TRUE(read.tasks[1].with.is_null());
  EXPECT_EQ(read.tasks[2].type, "inline");
  ASSERT_EQ(read.parameters.size(), 3U);
  EXPECT_FALSE(read.parameters[0].value.has_value());
  EXPECT_EQ(read.parameters[1].value, boost::json::value(1));
  EXPECT_EQ(read.parameters[2].value, boost::json::value("two"));
}

// "name=default" of each, and whether callers may add others.
std::string shared_parameters_of(std::string_view text) {
  const auto loaded = load_manifest(text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  const shared_parameters& read = *loaded->definitions.at(0).workflow_parameters;
  std::string shown;
  for (const parameter& each : read.all()) {
    shown += each.name + (each.value ? '=' + boost::json::serialize(*each.value) : "") + ' ';
    EXPECT_EQ(read.find(each.name), &each);
  }
  EXPECT_EQ(read.find("none"), nullptr);
  return shown + (read.complete() ? "complete" : "and others");
}

TEST(argo_format, reads_the_parameters_of_the_workflow) {
  constexpr std::string_view templates =
      "  templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]\n";
  constexpr std::string_view arguments =
      "  arguments:\n    parameters: [{name: q, value: 1, default: 2}, {name: p}]\n";
  struct row {
    std::string text;
    std::string parameters;
  };
  const row rows[] = {
      {document("Workflow", templates), "complete"},
      {document("Workflow", fmt::format("{}{}", arguments, templates)), "p q=1 complete"},
      {document("Workflow",
                fmt::format("{}{}  workflowTemplateRef: {{name: o}}\n", arguments, templates)),
       "p q=1 and others"},
      {document("WorkflowTemplate", fmt::format("{}{}", arguments, templates)), "p q=1 and others"},
      {document("ClusterWorkflowTemplate", templates), "and others"},
      {document("Workflow",
                fmt::format("  arguments: {{parameters: [{{name: a, value: 1e3}}, {{name: "
                            "b, value: 123456789012345678901234}}, {{name: c, value: "
                            "0.00001}}, {{name: d, value: '1'}}, {{name: e, value: "
                            "1.5}}]}}\n{}",
                            templates)),
       "a=\"1e3\" b=\"123456789012345678901234\" c=\"0.00001\" d=\"1\" e=1.5E0 complete"},
      {document(
           "CronWorkflow",
           "  arguments: {parameters: [{name: outside}]}\n  workflowSpec:\n"
           "    arguments: {parameters: [{name: inside}]}\n"
           "    templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]\n"),
       "inside complete"},
      {document("Workflow", fmt::format("  arguments: {{artifacts: []}}\n{}", templates)),
       "complete"},
      {document("Workflow", fmt::format("  arguments: [p]\n{}", templates)),
       "t:5:14: workflow \"w\": spec: arguments: a map is expected, not a list"},
      {document("Workflow",
                fmt::format("  arguments: {{parameters: [{{value: 1}}]}}\n{}", templates)),
       "t:5:28: workflow \"w\": spec: arguments: parameters[0]: name is missing"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(shared_parameters_of(each.text), each.parameters) << each.text;
  }
}

TEST(argo_format, refuses_wrong_templates) {
  struct row {
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {with_dag("      - {name: A, template: x, depends: 'B &&'}\n"),
       "9:41: template \"m\": task \"A\": depends \"B &&\": a task name is expected, not the end "
       "at "
       "character 5"},
      {with_dag("      - {name: A, template: x, depends: B.Succeded}\n"),
       "9:41: template \"m\": task \"A\": depends \"B.Succeded\": \"Succeded\" is no status of "
       "task "
       "\"B\"; did you mean \"Succeeded\"? at character 3"},
      {with_dag("      - {name: A, template: x, depends: [B]}\n"),
       "9:41: template \"m\": task \"A\": depends must be a single value, not a list"},
      {with_dag("      - {name: A, template: x, dependencies: B}\n"),
       "9:46: template \"m\": task \"A\": dependencies must be a list, not a single value"},
      {with_dag("      - {name: A, template: x, dependencies: [{}]}\n"),
       "9:47: template \"m\": task \"A\": dependencies[0] must be a single value, not a map"},
      {with_dag("      - {name: A, template: x, depends: B, dependencies: [B]}\n"),
       "9:58: template \"m\": task \"A\": dependencies cannot stand in a dag that uses depends"},
      {with_dag("      - {name: A, template: x, dependencies: [B]}\n"
                "      - {name: B, template: x, depends: C}\n"),
       "9:46: template \"m\": task \"A\": dependencies cannot stand in a dag that uses depends"},
      {with_dag("      - {template: x}\n"), "9:9: template \"m\": tasks[0]: name is missing"},
      {with_dag("      - {name: 1, template: x}\n"),
       "9:16: template \"m\": tasks[0]: name must be text; write it as \"1\""},
      {with_dag("      - {name: A}\n"),
       "9:9: template \"m\": task \"A\": template, templateRef or inline is missing"},
      {with_dag("      - {name: A, templateRef: {name: o}}\n"),
       "9:32: template \"m\": task \"A\": templateRef: template is missing"},
      {with_dag("      - {name: A, template: [x]}\n"),
       "9:29: template \"m\": task \"A\": template must be a single value, not a list"},
      {with_dag("      - A\n"),
       "9:9: template \"m\": tasks[0]: a map is expected, not a single value"},
      {with_dag("        []\n"), "6:5: template \"m\": no tasks"},
      {with_dag("        A: {template: x}\n"),
       "9:9: template \"m\": dag: tasks must be a list, not a map"},
      {document("Workflow", "  templates: [{name: m, dag: []}]\n"),
       "5:30: template \"m\": dag: a map is expected, not a list"},
      {document("Workflow", "  templates: [{name: m, dag: {}}]\n"),
       "5:15: template \"m\": no tasks"},
      {document("Workflow", "  templates: [{name: m, dag: {}, steps: []}]\n"),
       "5:15: template \"m\": dag and steps exclude each other"},
      {document("Workflow",
                "  templates: [{dag: {tasks: [{name: A, template: x}]}}, {name: x, script: {}}]\n"),
       "5:15: workflow \"w\": spec: templates[0]: name is missing"},
      {document("Workflow", "  templates: [a]\n"),
       "5:15: workflow \"w\": spec: templates[0]: a map is expected, not a single value"},
      {document("Workflow", "  templates: {a: b}\n"),
       "5:14: workflow \"w\": spec: templates must be a list, not a map"},
      {document("Workflow", "  - templates\n"),
       "5:3: workflow \"w\": spec: a map is expected, not a list"},
      {with_steps("    - - - {name: a, template: x}\n"),
       "8:9: template \"m\": steps[0][0]: a map is expected, not a list"},
      {with_steps("    - a\n"),
       "8:7: template \"m\": steps[0][0]: a map is expected, not a single value"},
      {with_steps("      a: b\n"), "8:7: template \"m\": steps must be a list, not a map"},
      {with_steps("    - - {name: a}\n"),
       "8:9: template \"m\": step \"a\": template, templateRef or inline is missing"},
      {with_steps("    - []\n"), "6:5: template \"m\": no tasks"},
      {document("Workflow",
                "  templates:\n  - name: m\n    inputs: {parameters: [{value: 1}]}\n"
                "    steps: [{name: a, template: x}]\n  - {name: x, script: {}}\n"),
       "7:27: template \"m\": inputs: parameters[0]: name is missing"},
      {"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: 1}\n",
       "3:18: workflow: metadata: name must be text; write it as \"1\""},
  };
  for (const row& each : rows) {
    EXPECT_EQ(graph_of(each.text), "t:" + each.error) << each.text;
  }
}

TEST(argo_format, says_why_a_workflow_has_no_tasks) {
  struct row {
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {document("Workflow", "  templates: [{name: m, container: {}}]\n"),
       "none of its templates has dag or steps"},
      {document("Workflow", "  entrypoint: m\n"), "it has no templates"},
      {document("Workflow", "  templates: []\n"), "it has no templates"},
      {document("Workflow", "  workflowTemplateRef: {name: o}\n"), "it refers to those of \"o\""},
      {document("CronWorkflow", "  workflowSpec:\n    workflowTemplateRef: {name: o}\n"),
       "it refers to those of \"o\""},
      {document("CronWorkflow", "  schedule: x\n"), "it has no templates"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(each.text, "t");
    ASSERT_FALSE(loaded.has_value()) << each.text;
    EXPECT_EQ(loaded.error().code, errc::no_tasks) << each.text;
    EXPECT_EQ(loaded.error().what(), "t:1:1: workflow \"w\": no template with tasks: " + each.error)
        << each.text;
  }
}

}  // namespace
}  // namespace engine::workflow
