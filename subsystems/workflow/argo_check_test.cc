// What Argo refuses is refused, for the same reason, and what it accepts is not.

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

std::string workflow_of(std::string_view templates, std::string_view spec = "  entrypoint: m\n",
                        std::string_view name = "w", std::string_view kind = "Workflow") {
  return fmt::format(
      "apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec:\n{}"
      "  templates:\n"
      "  - name: x\n"
      "    container: {{image: i}}\n"
      "    inputs: {{parameters: [{{name: p, default: 1}}]}}\n"
      "    outputs: {{parameters: [{{name: o, valueFrom: {{path: /o}}}}]}}\n{}",
      kind, name, spec, templates);
}

// Tasks A and B, B with `fields`, in a dag with `dag_fields`.
std::string dag(std::string_view fields, std::string_view dag_fields = "failFast: true") {
  return workflow_of(
      fmt::format("  - name: m\n    inputs: {{parameters: [{{name: in}}]}}\n"
                  "    dag:\n      {}\n      tasks:\n"
                  "      - {{name: A, template: x}}\n      - {{name: B, {}}}\n",
                  dag_fields, fields));
}

std::string step(std::string_view fields) {
  return workflow_of(
      fmt::format("  - name: m\n    steps:\n    - - {{name: a, template: x}}\n"
                  "    - - {{name: b, {}}}\n    - - {{name: c, template: x}}\n",
                  fields));
}

std::string templates(std::string_view more) {
  return workflow_of(fmt::format("  - {{name: m, steps: [{{name: a, template: x}}]}}\n{}", more));
}

std::string argument(std::string_view value) {
  return fmt::format("template: x, dependencies: [A], arguments: {{parameters: [{{name: p, {}}}]}}",
                     value);
}

// Of loading or validating; empty if both succeed.
std::string refusal_of(std::string_view text) {
  const auto loaded = load_manifest(text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  for (const definition& each : loaded->definitions) {
    dag::builder builder;
    dag::graph graph;
    if (const auto valid = validate(each, builder, graph); !valid) {
      return valid.error().what();
    }
  }
  return {};
}

TEST(argo_check, refuses_what_argo_refuses) {
  const std::string long_name(129, 'n');
  const std::pair<std::string, std::string_view> rows[] = {
      // Templates.
      {dag("template: xx"), "t:17:29: template \"m\": task \"B\": there is no template \"xx\""},
      {dag("template: y"), "there is no template \"y\""},
      {step("template: extrct"), "step \"b\": there is no template \"extrct\""},
      {workflow_of("  - {name: main, steps: [{name: a, template: mian}]}\n", ""),
       "there is no template \"mian\"; did you mean \"main\"?"},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "  entrypoint: n\n"),
       "t:5:15: workflow \"w\": spec: there is no template \"n\""},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "  onExit: bye\n"),
       "there is no template \"bye\""},
      {dag("template: x, onExit: z"), "there is no template \"z\""},
      {dag("template: x, hooks: {exit: {template: z}}"), "there is no template \"z\""},
      {dag("template: x, hooks: {running: {template: x}}"), "expression is missing"},
      {dag("template: x, templateRef: {name: o, template: x}"),
       "template and templateRef exclude each other"},
      {templates("  - {name: x, script: {}}\n"),
       "t:12:5: workflow \"w\": spec: template \"x\" is given twice, first in line 7"},
      {templates("  - {name: y, script: {}, http: {}}\n"), "script and http exclude each other"},
      {templates("  - {name: y, dag: {tasks: [{name: a, template: x}]}, timeout: 3s}\n"),
       "timeout cannot stand in a template with dag"},
      {templates("  - {name: y, steps: [{name: a, template: x}], resourceClaims: [{name: c}]}\n"),
       "resourceClaims cannot stand in a template with steps"},
      {templates("  - {name: y, script: {}, initContainers: [{image: i}]}\n"),
       "initContainers[0]: name is missing"},
      {templates("  - {script: {}}\n"), "spec: templates[2]: name is missing"},
      // In place of templates.
      {dag("inline: {script: {}, container: {}}"),
       "task \"B\": inline: container and script exclude each other"},
      {dag("inline: {script: {}, inputs: {parameters: [{name: p, default: 1}, {name: p, default: "
           "2}]}}"),
       "task \"B\": inline: inputs: parameter \"p\" is given twice"},
      {dag("inline: {script: {}, inputs: {parameters: [{name: p}]}}"),
       "task \"B\": its template takes a parameter \"p\", which is not given"},
      {dag("inline: {dag: {tasks: [{name: a, template: y}]}}"),
       "task \"B\": inline: task \"a\": there is no template \"y\""},
      {step("inline: {steps: [{name: a, inline: {dag: {target: c, tasks: [{name: d, template: "
            "x}]}}}]}"),
       "step \"b\": inline: step \"a\": inline: target: there is no task \"c\""},
      // Names.
      {templates("  - {name: y.z, script: {}}\n"), "has other characters than letters, digits"},
      {templates("  - {name: -y, script: {}}\n"), "begins with \"-\""},
      {templates(fmt::format("  - {{name: {}, script: {{}}}}\n", long_name)),
       "is longer than 128 bytes"},
      {workflow_of("  - {name: m, steps: [{name: a.b, template: x}]}\n"),
       "t:11:30: template \"m\": step \"a.b\": the name has other characters"},
      {workflow_of("  - {name: m, steps: [{name: 'a_{{item}}', template: x, withItems: [1]}]}\n"),
       "the name has other characters"},
      {workflow_of("  - {name: m, dag: {tasks: [{name: a_b, template: x}]}}\n"),
       "the name has other characters"},
      {workflow_of(fmt::format("  - {{name: m, dag: {{tasks: [{{name: {}, template: x}}]}}}}\n",
                               long_name)),
       "the name is longer than 128 bytes"},
      {workflow_of("  - {name: m, dag: {tasks: [{name: 1a, template: x}, {name: b, template: x, "
                   "dependencies: [1a]}, {name: 2b, template: x, dependencies: [b]}]}}\n"),
       "task \"2b\": a name in a dag with dependencies cannot begin with a digit"},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "", std::string(64, 'w')),
       "metadata: name \"wwwwwww"},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "", std::string(53, 'w'),
                   "CronWorkflow"),
       "is longer than 52 bytes"},
      {templates("  - {name: y, script: {}, inputs: {artifacts: [{name: a(b}]}}\n"),
       "template \"y\": inputs: artifacts[0]: name \"a(b\" has other characters"},
      {templates("  - {name: y, script: {}, inputs: {parameters: [{name: a.b}]}}\n"),
       "inputs: parameters[0]: name \"a.b\" has other"},
      {templates("  - {name: y, script: {}, inputs: {parameters: [{name: a}, {name: a}]}}\n"),
       "inputs: parameter \"a\" is given twice"},
      {templates("  - {name: y, script: {}, outputs: {artifacts: [{name: a}, {name: a}]}}\n"),
       "outputs: artifact \"a\" is given twice"},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n",
                   "  arguments: {parameters: [{name: p}, {name: p}]}\n"),
       "t:5:39: workflow \"w\": spec: arguments: parameter \"p\" is given twice, first in line 5"},
      {dag("template: x, arguments: {parameters: [{name: p, value: 1}, {name: p, value: 2}]}"),
       "task \"B\": arguments: parameter \"p\" is given twice"},
      // Values.
      {dag("template: x, arguments: {parameters: [{name: p}]}"),
       "parameter \"p\": value or valueFrom is missing"},
      {dag(argument("valueFrom: {path: /p}")),
       "the value of an argument comes from configMapKeyRef"},
      {dag(argument("valueFrom: {parameter: '{{inputs.parameters.in}}'}")),
       "the value of an argument"},
      {dag(argument("value: c, enum: [a, b]")), "the value \"c\" is none of its enum"},
      {dag(argument("value: c, enum: []")), "enum is empty"},
      {dag("template: x, arguments: {artifacts: [{name: a}]}"),
       "artifact \"a\": from or a place to load it from is missing"},
      {templates("  - {name: y, script: {}, inputs: {parameters: [{name: need}]}}\n"
                 "  - {name: n, steps: [{name: a, template: y}]}\n"),
       "template \"n\": step \"a\": template \"y\" takes a parameter \"need\", which is not given"},
      {templates("  - {name: y, script: {}, outputs: {parameters: [{name: o}]}}\n"),
       "parameter \"o\": value or valueFrom is missing"},
      {templates("  - {name: y, script: {}, outputs: {parameters: [{name: o, valueFrom: {jqFilter: "
                 "a}}]}}\n"),
       "valueFrom must have path"},
      {templates("  - {name: y, resource: {}, outputs: {parameters: [{name: o, valueFrom: "
                 "{jqFilter: a, jsonPath: b}}]}}\n"),
       "valueFrom must have only one of"},
      {workflow_of("  - {name: m, steps: [{name: a, template: x}], outputs: {parameters: [{name: "
                   "o, valueFrom: {path: /o}}]}}\n"),
       "valueFrom must have parameter or expression"},
      // Graphs.
      {dag("template: x", "target: C"), "t:14:15: template \"m\": target: there is no task \"C\""},
      {dag("template: x", "target: A B C"), "there is no task \"C\""},
      {dag("template: x", "target: '{{inputs.parameters.no}}'"), "there is no parameter \"no\""},
      {dag("template: x, depends: A.AnySucceeded"),
       "AnySucceeded and AllFailed are of a task with items, and \"A\" has none"},
      {dag("template: x, depends: 'A || A.AllFailed'"), "and \"A\" has none"},
      {dag("template: x, depends: A, continueOn: {failed: true}"),
       "continueOn cannot stand in a dag that uses depends"},
      {dag("template: x, withItems: [1], withParam: '[1]'"),
       "withItems and withParam exclude each other"},
      {dag("template: x, withSequence: {count: 1, end: 2}"), "count and end exclude each other"},
      // Placeholders.
      {dag(argument("value: '{{steps.A.outputs.result}}'")),
       "a template with dag has no steps; did you mean \"tasks.A\"?"},
      {step("template: x, arguments: {parameters: [{name: p, value: '{{tasks.a.id}}'}]}"),
       "a template with steps has no tasks; did you mean \"steps.a\"?"},
      {dag(argument("value: '{{item}}'")), "{{item}}: \"item\" has a value only where"},
      {dag(argument("value: 'x {{ item.k }}'")), "\"item\" has a value only where"},
      {dag("template: x, when: '{{item}} == 1'"), "\"item\" has a value only where"},
      {dag(argument("value: '{{tasks.A.outputs.parameters.no}}'")),
       "t:17:94: template \"m\": task \"B\": {{tasks.A.outputs.parameters.no}}: template \"x\" has "
       "no "
       "output parameter \"no\""},
      {dag(argument("value: '{{tasks.A.outputs.artifacts.o}}'")), "has no output artifact \"o\""},
      {dag(argument("value: '{{tasks.A.output.result}}'")),
       "a task has no \"output\"; did you mean \"outputs\"?"},
      {dag(argument("value: '{{tasks.A.ip}}'")), "template \"x\" is no daemon, so it has no ip"},
      {dag("template: x, when: '{{tasks.C.status}} == Failed'"), "there is no task \"C\""},
      {dag("template: x, when: '{{inputs.parameters.no}} == 1'"), "there is no parameter \"no\""},
      {dag("template: x, withParam: '{{tasks.A.outputs.parameters.no}}'"),
       "has no output parameter \"no\""},
      {step("template: x, when: '{{steps.c.status}} == Failed'"), "step \"c\" comes later"},
      {workflow_of(
           "  - {name: m, steps: [{name: a, template: x}], outputs: {parameters: [{name: o, "
           "valueFrom: {parameter: '{{steps.a.outputs.parameters.no}}'}}]}}\n"),
       "has no output parameter \"no\""},
      {templates("  - {name: y, script: {source: '{{inputs.parameters.no}}'}}\n"),
       "template \"y\": {{inputs.parameters.no}}: there is no parameter \"no\""},
      {templates("  - {name: y, script: {source: '{{inputs.artifacts.no.path}}'}}\n"),
       "there is no artifact \"no\""},
      {templates("  - {name: y, script: {source: '{{workflow.nam}}'}}\n"),
       "there is no variable \"workflow.nam\"; did you mean \"workflow.name\"?"},
      {templates("  - {name: y, script: {source: '{{steps.a.id}}'}}\n"),
       "a template without dag or steps sees no tasks"},
  };
  for (const auto& [text, problem] : rows) {
    const std::string refusal = refusal_of(text);
    EXPECT_NE(refusal.find(problem), std::string::npos) << text << refusal << '\n' << problem;
    EXPECT_EQ(refusal.find('\n'), std::string::npos) << "more than one problem: " << refusal;
  }
}

TEST(argo_check, accepts_what_argo_accepts) {
  const std::string rows[] = {
      dag("template: x, hooks: {exit: {template: x}, running: {template: x, expression: 'true'}}"),
      dag("templateRef: {name: other, template: any}, depends: A.Failed"),
      dag("inline: {script: {source: '{{inputs.parameters.own}}'}}"),
      // Names that are made when they are used.
      templates("  - {name: y, container: {image: i}, inputs: {parameters: [{name: v}]}, outputs: "
                "{artifacts: [{name: 'result-{{inputs.parameters.v}}', path: /o}]}}\n"),
      dag("template: x, arguments: {parameters: [{name: 'p{{inputs.parameters.in}}', value: 1}]}"),
      dag("template: '{{inputs.parameters.in}}'"),
      dag(argument("value: '{{tasks.A.outputs.parameters.o}} {{tasks.A.outputs.result}}'")),
      dag(argument("value: '{{tasks.A.outputs.parameters.no | default(1)}}'")),
      dag(argument("value: '{{tasks.name}}{{tasks.A.id}}{{tasks.A.status}}{{tasks.A.exitCode}}'")),
      dag(argument("value: ''")),
      dag(argument("value: a, enum: [a, b]")),
      dag(argument("valueFrom: {configMapKeyRef: {name: c, key: k}}")),
      dag(argument("value: '{{item}}{{item.k}}'") + ", withItems: [{k: 1}]"),
      dag(argument("value: '{{item}}'") + ", withSequence: {count: 3}"),
      dag(argument("value: '{{item}}'") + ", withParam: '{{tasks.A.outputs.parameters.o}}'"),
      dag("template: x, when: '{{=tasks.C}} {{workflow.status}} {{inputs.parameters.in}} "
          "{{.foreign}}'"),
      dag("template: x", "target: A B"),
      dag("template: x", "target: '{{inputs.parameters.in}}'"),
      dag("template: x, dependencies: [A], continueOn: {failed: true}"),
      step("template: x, when: '{{steps.a.outputs.parameters.o}} "
           "{{steps.run-{{steps.a.id}}.status}}'"),
      workflow_of("  - {name: m, dag: {tasks: [{name: 1a, template: x}]}}\n"),
      workflow_of("  - {name: m, dag: {tasks: [{name: a, template: x, withItems: [1]}, {name: b, "
                  "template: x, depends: a.AnySucceeded || a.AllFailed}]}}\n"),
      workflow_of("  - {name: m, steps: [{name: 'run-{{inputs.parameters.d}}', template: x}],"
                  " inputs: {parameters: [{name: d}]}}\n"),
      workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "", std::string(63, 'w')),
      workflow_of("  - {name: m, steps: [{name: a, template: x}]}\n", "", "a.b.c"),
      workflow_of(fmt::format("  - {{name: {}, steps: [{{name: {}, template: x}}]}}\n",
                              std::string(128, 'm'), std::string(128, 'a')),
                  ""),
      templates("  - {name: y, script: {source: '{{ item }} {{inputs.parameters.a_b}} {{.x}} "
                "{{pod.name}}'},"
                " inputs: {parameters: [{name: a_b}], artifacts: [{name: a_b, path: /p}]}}\n"),
      templates("  - {name: y, suspend: {}, outputs: {parameters: [{name: o, valueFrom: {supplied: "
                "{}}}]}}\n"),
      templates("  - {name: y, container: {args: ['{{outputs.parameters.o.path}}']}, outputs: "
                "{parameters: [{name: o, valueFrom: {path: /o}}]}, timeout: 3s}\n"),
      templates(
          "  - {name: y, script: {}, inputs: {parameters: [{name: need}]}}\n"
          "  - {name: n, steps: [{name: a, template: y, arguments: {parameters: [{name: need, "
          "value: 1}]}}]}\n"),
  };
  for (const std::string& each : rows) {
    EXPECT_EQ(refusal_of(each), "") << each;
  }
}

}  // namespace
}  // namespace engine::workflow
