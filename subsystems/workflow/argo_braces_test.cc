// Braces in the arguments of Argo's manifests: which are placeholders, and what is rendered of the
// others.

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/render.h"
#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

// Task b, whose only argument is `text`, in line 12, depends on a.
std::string argo(std::string_view text, std::string_view more_parameters = "") {
  return fmt::format(R"(apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {{name: w}}
spec:
  arguments: {{parameters: [{{name: day, value: monday}}{}]}}
  templates:
  - name: m
    inputs: {{parameters: [{{name: own}}]}}
    dag:
      tasks:
      - {{name: a, template: x}}
      - {{name: b, template: x, depends: a, arguments: {{parameters: [{{name: p, value: {}}}]}}}}
  - {{name: x, container: {{image: i}}, inputs: {{parameters: [{{name: p, default: ''}}]}}}}
)",
                     more_parameters, boost::json::serialize(boost::json::string(text)));
}

constexpr std::string_view values = R"({
  "inputs": {"parameters": {"own": "mine"}}, "item": {"k": 1, "c:d": "colon", "a key": ["one", "two"], "n": [{"m": "abc"}]}, "pod": {"name": "pod-1"},
  "workflow": {"parameters": {"day": "monday"}, "name": "w", "labels": {"a": "b"},
               "annotations": {}},
  "tasks": {"a": {"outputs": {"result": 7}}}})";

// What the argument of b becomes, or why it is refused.
std::string rendered(std::string_view manifest_text) {
  const auto loaded = load_manifest(manifest_text, "t");
  if (!loaded) {
    return loaded.error().what();
  }
  dag::builder builder;
  dag::graph graph;
  const definition& read = loaded->definitions.front();
  if (const auto valid = validate(read, builder, graph); !valid) {
    return valid.error().what();
  }
  const auto compiled = templating::compile_document(read.tasks.back().with);
  if (!compiled) {
    return compiled.error().message;
  }
  templating::context given;
  const boost::json::value all = boost::json::parse(values);
  for (const auto& each : all.get_object()) {
    given.set(each.key(), each.value());
  }
  const auto made = templating::render(*compiled, given);
  if (!made) {
    return made.error().message;
  }
  const boost::json::value arguments = boost::json::parse(*made);
  const boost::json::value& value = arguments.at("parameters").at(0).at("value");
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

TEST(argo_braces, of_other_tools_are_rendered_as_they_stand) {
  for (const std::string_view text : {"{{$.inputs.parameters['x']}}",
                                      "{{.Names}}",
                                      "{{}}",
                                      "{{ my_var }}",
                                      "{{",
                                      "}}",
                                      "a {{ b",
                                      "{{{x}}}",
                                      "{{ '{{' }}",
                                      "{{\"}}\"}}",
                                      "{{- if .x }}",
                                      "{{# each }}{{/ each }}",
                                      "{{inputs}}",
                                      "{{workflow}}",
                                      "{{task.a}}",
                                      "{{itemise}}",
                                      "{{items.x}}",
                                      "{{ item[0] }}",
                                      "{{exitCode}}",
                                      "{{nodes.name}}",
                                      "{{node.names}}",
                                      "{{ =now() }}",
                                      "{{\\'}}",
                                      "docker ps --format '{{.ID}}: {{ .Names }}'",
                                      "{{\n  my_var\n}}",
                                      "{{\xc3\xa9}}"}) {
    EXPECT_EQ(rendered(argo(text)), text);
  }
}

TEST(argo_braces, stay_beside_what_is_replaced) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{{.Names}} {{inputs.parameters.own}} {{ x }}", "{{.Names}} mine {{ x }}"},
      {"{{{inputs.parameters.own}}}", "{{{inputs.parameters.own}}}"},
      {"{{ x {{ inputs.parameters.own }} }}", "{{ x mine }}"},
      {"{{inputs.parameters.own}}{{", "mine{{"},
      {"{{\tworkflow.name }}-{{pod.name}}-{{tasks.a.outputs.result}}", "w-pod-1-7"},
      {"{{tasks.a.outputs.result}}", "7"},
      {"{{workflow.parameters.json}}", "{\"day\":\"monday\"}"},
      {"all: {{ workflow.parameters.json }}!", "all: {\"day\":\"monday\"}!"},
      {"{{workflow.labels.json}}{{workflow.annotations.json|length}}", "{\"a\":\"b\"}2"},
  };
  for (const auto& [text, expected] : rows) {
    EXPECT_EQ(rendered(argo(text)), expected) << text;
  }
  EXPECT_EQ(rendered(argo("{{workflow.parameters.json}}", ", {name: json, value: own}")),
            "unknown reference \"workflow.parameters.json\"")
      << "a parameter of that name comes first";
}

// A key of an item may have any characters; "[0]" is an element of a list.
TEST(argo_braces, reach_into_items) {
  const auto looped = [](std::string_view text) {
    std::string made = argo(text);
    made.replace(made.find("depends: a"), 10, "depends: a, withItems: [1]");
    return rendered(made);
  };
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{{item.k}} {{ item.c:d }}", "1 colon"},
      {"{{item.c:d}}", "colon"},
      {"{{item.a key.[1]}}{{item.n.[0].m|length}}", "two3"},
      {"{{\titem.a key.[0] | default('x') }}", "one"},
  };
  for (const auto& [text, expected] : rows) {
    EXPECT_EQ(looped(text), expected) << text;
  }
  const std::pair<std::string_view, std::string_view> refusals[] = {
      {"{{item.[x]}}", "{{item.[x]}}: a name is expected, not \"[\""},
      {"{{item.a..b}}", "{{item.a..b}}: a name is expected, not \".\""},
      {"{{item.a b|nothing}}",
       "{{item['a b']|nothing}}: there is no filter \"nothing\"; there are default, json, string, "
       "length, match and replace"},
      {"{{item.{{inputs.parameters.own}}:}}",
       "{{item.{{inputs.parameters.own}}: a name is expected, not \"{\""},
      {"{{item.a", "the placeholder \"{{item.a\" is not closed"},
  };
  for (const auto& [text, problem] : refusals) {
    EXPECT_TRUE(looped(text).ends_with(problem)) << text << ": " << looped(text);
  }
}

TEST(argo_braces, of_argo_itself_are_checked) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{{inputs.parameters.own", "the placeholder \"{{inputs.parameters.own\" is not closed"},
      {"{{ x }} {{steps.", "the placeholder \"{{steps.\" is not closed"},
      {"{{inputs.parameters.own x}}",
       "{{inputs.parameters.own x}}: \"|\" or \"}}\" is expected, not \"x\""},
      {"{{tasks.{{inputs.parameters.own}}.id}}",
       "{{tasks.{{inputs.parameters.own}}: a name is expected, not \"{\""},
      {"{{=1 + 1}}",
       "{{=1 + 1}}: {{=…}} is an expression, which is not supported; name a value and use filters"},
      {"{{workflow.nam}}",
       "{{workflow.nam}}: there is no variable \"workflow.nam\"; did you mean \"workflow.name\"?"},
      {"{{workflow.parameters.jsn}}",
       "{{workflow.parameters.jsn}}: the workflow has no parameter \"jsn\""},
  };
  for (const auto& [text, problem] : rows) {
    EXPECT_TRUE(rendered(argo(text)).ends_with(problem)) << text << ": " << rendered(argo(text));
  }
}

// Places are those of the manifest, whatever the template has become.
TEST(argo_braces, do_not_move_the_places_of_others) {
  const std::string refusal = rendered(argo("{{ x }}{{ y {{inputs.parameters.no}}"));
  EXPECT_TRUE(refusal.starts_with("t:12:99: ")) << refusal;
}

TEST(argo_braces, that_are_almost_argos_are_warned_of) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{{input.parameters.own}}", "inputs"},
      {"{{ task.a.outputs.result }}", "tasks"},
      {"{{parameters.day}}", "inputs.parameters"},
      {"{{worklfow.name}}", "workflow"},
      {"{{.Values.x}} {{my.var}} {{items}}{{nodes}}", ""},
  };
  for (const auto& [text, meant] : rows) {
    const auto loaded = load_manifest(argo(text), "t");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
    if (meant.empty()) {
      EXPECT_TRUE(loaded->warnings.empty()) << loaded->warnings.front().what();
      continue;
    }
    ASSERT_EQ(loaded->warnings.size(), 1U) << text;
    EXPECT_EQ(
        loaded->warnings[0].what(),
        fmt::format("t:12:87: template \"m\": task \"b\": {} stays as it is, for it begins with "
                    "no word of Argo's; did you mean \"{}\"?",
                    text, meant));
  }
}

}  // namespace
}  // namespace engine::workflow
