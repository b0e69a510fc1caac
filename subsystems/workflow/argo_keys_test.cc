// Keys that Argo does not know are warned of, so that a misspelt one loses no edge in silence.

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

// The warnings, one a line, or the error.
std::string warnings_of(std::string_view text, const limits& bounds = {}) {
  const auto loaded = load_manifest(text, "t", bounds);
  if (!loaded) {
    return loaded.error().what();
  }
  std::string shown;
  for (const error& each : loaded->warnings) {
    EXPECT_EQ(each.code, errc::unknown_key);
    EXPECT_EQ(each.source, "t");
    shown += fmt::format("{}:{}: {}\n", each.where.line, each.where.column, each.message);
  }
  return shown + (loaded->warnings_truncated ? "and more\n" : "");
}

std::string argo_text_of(std::string_view spec, std::string_view kind = "Workflow") {
  return fmt::format("apiVersion: argoproj.io/v1alpha1\nkind: {}\nmetadata: {{name: w}}\nspec:\n{}",
                     kind, spec);
}

std::string with_task(std::string_view fields) {
  return argo_text_of(
      fmt::format("  templates:\n  - {{name: x, container: {{}}}}\n  - name: m\n    dag:\n"
                  "      tasks:\n      - {{name: A, template: x}}\n"
                  "      - {{name: B, template: x, {}}}\n",
                  fields));
}

TEST(argo_keys, that_are_unknown_are_warned_of) {
  struct row {
    std::string text;
    std::string warnings;
  };
  const row rows[] = {
      {with_task("dependancies: [A]"),
       "11:32: template \"m\": task \"B\": unknown key \"dependancies\"; did you mean "
       "\"dependencies\"?\n"},
      {with_task("dependsOn: [A]"),
       "11:32: template \"m\": task \"B\": unknown key \"dependsOn\"; did you mean \"depends\"?\n"},
      {with_task("Depends: A"),
       "11:32: template \"m\": task \"B\": unknown key \"Depends\"; did you mean \"depends\"?\n"},
      {with_task("arguments: {parameter: [], parameters: [{nam: p, name: q, value: 1}]}"),
       "11:44: template \"m\": task \"B\": arguments: unknown key \"parameter\"; did you mean "
       "\"parameters\"?\n"
       "11:73: template \"m\": task \"B\": arguments: parameter \"q\": unknown key \"nam\"; did "
       "you "
       "mean \"name\"?\n"},
      {with_task("inline: {dag: {task: []}}, hooks: {exit: {templat: x}}, withSequence: {cout: 1}"),
       "11:47: template \"m\": task \"B\": inline: dag: unknown key \"task\"; did you mean "
       "\"tasks\"?\n"
       "11:74: template \"m\": task \"B\": hooks: exit: unknown key \"templat\"; did you mean "
       "\"template\"?\n"
       "11:103: template \"m\": task \"B\": withSequence: unknown key \"cout\"; did you mean "
       "\"count\"?\n"},
      {argo_text_of(
           "  templates:\n  - {name: x, container: {}, input: {}}\n"
           "  - {name: m, steps: [[{name: a, template: x, depends: b}]], retryStrategy: {limits: "
           "3}}\n"
           "  entryPoint: m\n"),
       "6:30: template \"x\": unknown key \"input\"; did you mean \"inputs\"?\n"
       "7:47: template \"m\": step \"a\": unknown key \"depends\"\n"
       "7:78: template \"m\": retryStrategy: unknown key \"limits\"; did you mean \"limit\"?\n"
       "8:3: spec: unknown key \"entryPoint\"; did you mean \"entrypoint\"?\n"},
      {argo_text_of(
           "  schedul: x\n  workflowSpec:\n    template: []\n    templates:\n"
           "    - {name: x, container: {}}\n    - {name: m, steps: [{name: a, template: x}]}\n",
           "CronWorkflow"),
       "5:3: spec: unknown key \"schedul\"; did you mean \"schedule\"?\n"
       "7:5: spec: workflowSpec: unknown key \"template\"; did you mean \"templates\"?\n"},
      {"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {label: {}}\nspecs: {}\n"
       "spec: {templates: [{name: x, container: {}}, {name: m, steps: [{name: a, template: "
       "x}]}]}\n",
       "3:12: metadata: unknown key \"label\"; did you mean \"labels\"?\n"
       "4:1: unknown key \"specs\"; did you mean \"spec\"?\n"},
      {argo_text_of(
           "  templates:\n"
           "  - {name: x, container: {imagge: i, env: [{nam: a, name: b}]}, sidecars: [{name: s, "
           "imag: i}]}\n"
           "  - {name: y, script: {image: i, sorce: s, volumeMounts: [{name: v, path: /}]}}\n"
           "  - {name: z, resource: {action: get, manifst: m}, synchronization: {mutx: m}}\n"
           "  - {name: h, http: {ur: u}, memoize: {keys: k}, metrics: {promethus: []}}\n"
           "  - {name: c, containerSet: {containers: [{name: main, image: i, depends: []}]}}\n"
           "  - {name: m, steps: [{name: a, template: x}]}\n"),
       "6:27: template \"x\": container: unknown key \"imagge\"; did you mean \"image\"?\n"
       "6:45: template \"x\": container: env: unknown key \"nam\"; did you mean \"name\"?\n"
       "6:86: template \"x\": sidecars: unknown key \"imag\"; did you mean \"image\"?\n"
       "7:34: template \"y\": script: unknown key \"sorce\"; did you mean \"source\"?\n"
       "7:69: template \"y\": script: volumeMounts: unknown key \"path\"\n"
       "8:39: template \"z\": resource: unknown key \"manifst\"; did you mean \"manifest\"?\n"
       "8:70: template \"z\": synchronization: unknown key \"mutx\"; did you mean \"mutex\"?\n"
       "9:22: template \"h\": http: unknown key \"ur\"\n"
       "9:40: template \"h\": memoize: unknown key \"keys\"; did you mean \"key\"?\n"
       "9:60: template \"h\": metrics: unknown key \"promethus\"; did you mean \"prometheus\"?\n"
       "10:66: template \"c\": containerSet: containers: unknown key \"depends\"\n"},
      // Known, or none of Argo's business.
      {with_task("depends: A, when: 'true', withItems: [{any: 1}], onExit: x"), ""},
      {argo_text_of(
           "  templates:\n  - {name: x, container: {image: i, resources: {foo: 1}}, volumes: "
           "[{foo: 1}], script: null}\n"
           "  - {name: m, steps: [{name: a, template: x}]}\n"
           "  hooks: {exit: {template: x}, my own: {template: x, expression: 'true'}}\n"
           "  arguments: {artifacts: [{name: a, s3: {any: key}}]}\n"),
       ""},
  };
  for (const row& each : rows) {
    EXPECT_EQ(warnings_of(each.text), each.warnings) << each.text;
  }
}

TEST(argo_keys, are_warned_of_up_to_a_limit) {
  const std::string three = with_task("a1: 1, a2: 2, a3: 3");
  const std::string all = warnings_of(three);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3);
  EXPECT_EQ(warnings_of(three, {.problems_max = 3}), all);
  EXPECT_EQ(warnings_of(three, {.problems_max = 2}),
            all.substr(0, all.rfind("11:")) + "and more\n");

  std::string fields = "a: 1";
  for (int at = 0; at < 60'000; ++at) {
    fields += fmt::format(", unknown-key-number-{}: 1", at);
  }
  const std::string many = warnings_of(with_task(fields));
  EXPECT_EQ(std::count(many.begin(), many.end(), '\n'), limits().problems_max + 1);
}

}  // namespace
}  // namespace engine::workflow
