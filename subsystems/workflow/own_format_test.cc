#include <cstdint>
#include <limits>
#include <string>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"

namespace engine::workflow {
namespace {

constexpr std::string_view head =
    "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n";

// A manifest whose only task has `fields` beside its name and type.
std::string with_task_fields(std::string_view fields) {
  return fmt::format("{}spec:\n  tasks:\n    - {{name: a, type: t, {}}}\n", head, fields);
}

std::string with_spec(std::string_view spec) { return fmt::format("{}spec:\n{}", head, spec); }

std::string with_parameters(std::string_view parameters) {
  return with_spec(fmt::format("  tasks: [{{name: a}}]\n  parameters: {}\n", parameters));
}

constexpr std::string_view etl_yaml = R"(# A comment.
apiVersion: orchestration.headroom.dev/v1alpha1
kind: Workflow
metadata:
  name: nightly-etl
  labels: {team: data}
spec:
  parameters:
    - name: day
    - {name: rows, value: 100}
  tasks:
    - name: extract
      type: http
      with:
        url: https://example.com/{{ parameters.day }}
        retry on: [502, 503]
      retries: 3
      timeout: 1m30s
    - {name: load, type: sql, dependsOn: [extract], timeout: 5}
)";

constexpr std::string_view etl_json = R"({
  "apiVersion": "orchestration.headroom.dev/v1alpha1",
  "kind": "Workflow",
  "metadata": {"name": "nightly-etl", "labels": {"team": "data"}},
  "spec": {
    "parameters": [{"name": "day"}, {"name": "rows", "value": 100}],
    "tasks": [
      {"name": "extract", "type": "http",
       "with": {"url": "https://example.com/{{ parameters.day }}", "retry on": [502, 503]},
       "retries": 3, "timeout": "1m30s"},
      {"name": "load", "type": "sql", "dependsOn": ["extract"], "timeout": 5}
    ]
  }
})";

TEST(own_format, reads_every_field_from_yaml_and_json) {
  for (const std::string_view text : {etl_yaml, etl_json}) {
    const auto loaded = load_manifest(text, "etl");
    ASSERT_TRUE(loaded.has_value()) << text << loaded.error().what();
    ASSERT_EQ(loaded->definitions.size(), 1U) << text;
    EXPECT_TRUE(loaded->skipped.empty()) << text;
    const definition& read = loaded->definitions.front();
    EXPECT_EQ(read.name, "nightly-etl");
    EXPECT_EQ(read.source, "etl");
    ASSERT_EQ(read.parameters.size(), 2U) << text;
    EXPECT_EQ(read.parameters[0].name, "day");
    EXPECT_FALSE(read.parameters[0].value.has_value());
    EXPECT_EQ(read.parameters[1].name, "rows");
    EXPECT_EQ(read.parameters[1].value, boost::json::value(100));
    ASSERT_EQ(read.tasks.size(), 2U) << text;
    const task& extract = read.tasks[0];
    EXPECT_EQ(extract.name, "extract");
    EXPECT_EQ(extract.type, "http");
    EXPECT_TRUE(extract.depends_on.empty());
    EXPECT_EQ(boost::json::serialize(extract.with),
              R"({"url":"https://example.com/{{ parameters.day }}","retry on":[502,503]})");
    EXPECT_EQ(extract.retries, 3U);
    EXPECT_EQ(extract.timeout, std::chrono::seconds(90));
    const task& load = read.tasks[1];
    EXPECT_EQ(load.depends_on, std::vector<std::string>{"extract"});
    EXPECT_TRUE(load.with.is_null());
    EXPECT_EQ(load.retries, 0U);
    EXPECT_EQ(load.timeout, std::chrono::seconds(5));
  }
}

TEST(own_format, remembers_where_everything_stands) {
  const auto loaded = load_manifest(etl_yaml, "etl");
  ASSERT_TRUE(loaded.has_value());
  const definition& read = loaded->definitions.front();
  EXPECT_EQ(read.where, (position{2, 1}));
  EXPECT_EQ(read.parameters[0].where, (position{9, 7}));
  EXPECT_EQ(read.tasks[0].where, (position{12, 7}));
  EXPECT_EQ(read.tasks[1].where, (position{19, 7}));
}

TEST(own_format, takes_what_an_api_server_adds) {
  const auto loaded = load_manifest(R"(
apiVersion: orchestration.headroom.dev/v1alpha1
kind: Workflow
metadata:
  name: w
  namespace: default
  uid: 1-2-3
  generation: 2
  resourceVersion: "7"
  creationTimestamp: "2024-01-01T00:00:00Z"
  annotations: {a: b}
  finalizers: [x]
  ownerReferences: []
  managedFields: [{manager: kubectl}]
spec: {tasks: [{name: a, type: t}]}
status: {phase: Ready}
)",
                                    "t");
  EXPECT_TRUE(loaded.has_value()) << loaded.error().what();
}

TEST(own_format, takes_values_of_every_form) {
  struct row {
    const char* fields;
    const char* task;  // with, retries, milliseconds
  };
  const row rows[] = {
      {"with: text", "\"text\" 0 0"},
      {"with: '5'", "\"5\" 0 0"},
      {"with: 5", "5 0 0"},
      {"with: [a, {b: c}]", "[\"a\",{\"b\":\"c\"}] 0 0"},
      {"with: null", "null 0 0"},
      {"with: {a: 1, b: {a: 2}}", "{\"a\":1,\"b\":{\"a\":2}} 0 0"},
      {"with: {}", "{} 0 0"},
      {"dependsOn: [], retries: 0, timeout: 0", "null 0 0"},
      {"dependsOn: null, retries: ~, timeout:", "null 0 0"},
      {"retries: 4294967295", "null 4294967295 0"},
      {"timeout: 1.5", "null 0 1500"},
      {"timeout: '30'", "null 0 30000"},
      {"timeout: 250ms", "null 0 250"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(with_task_fields(each.fields), "t");
    ASSERT_TRUE(loaded.has_value()) << each.fields << ": " << loaded.error().what();
    const task& read = loaded->definitions[0].tasks[0];
    EXPECT_EQ(fmt::format("{} {} {}", boost::json::serialize(read.with), read.retries,
                          read.timeout.count()),
              each.task)
        << each.fields;
  }
}

TEST(own_format, refuses_wrong_fields_of_a_task) {
  struct row {
    const char* fields;
    errc code;
    const char* error;
  };
  const row rows[] = {
      {"dependson: [b]", errc::unknown_key,
       "6:26: task \"a\": unknown key \"dependson\"; did you mean \"dependsOn\"?"},
      {"timeouts: 3", errc::unknown_key,
       "6:26: task \"a\": unknown key \"timeouts\"; did you mean \"timeout\"?"},
      {"image: x", errc::unknown_key, "6:26: task \"a\": unknown key \"image\""},
      {"dependsOn: b", errc::wrong_type,
       "6:37: task \"a\": dependsOn must be a list, not a single value"},
      {"dependsOn: {b: c}", errc::wrong_type,
       "6:37: task \"a\": dependsOn must be a list, not a map"},
      {"dependsOn: [1]", errc::wrong_type,
       "6:38: task \"a\": dependsOn[0] must be text; write it as \"1\""},
      {"dependsOn: [true]", errc::wrong_type,
       "6:38: task \"a\": dependsOn[0] must be text; write it as \"true\""},
      {"dependsOn: [null]", errc::wrong_type,
       "6:38: task \"a\": dependsOn[0] must be a single value, not null"},
      {"dependsOn: [[b]]", errc::wrong_type,
       "6:38: task \"a\": dependsOn[0] must be a single value, not a list"},
      {"dependsOn: [\"a\\nb\"]", errc::bad_value,
       "6:38: task \"a\": dependsOn[0] \"a\\x0ab\" has control characters"},
      {"retries: -1", errc::bad_value,
       "6:35: task \"a\": retries must be a whole number below 2^32, not \"-1\""},
      {"retries: 1.5", errc::bad_value,
       "6:35: task \"a\": retries must be a whole number below 2^32, not \"1.5\""},
      {"retries: 4294967296", errc::bad_value,
       "6:35: task \"a\": retries must be a whole number below 2^32, not \"4294967296\""},
      {"retries: '3'", errc::bad_value,
       "6:35: task \"a\": retries must be a whole number below 2^32 and not in quotes, not "
       "\"3\""},
      {"retries: many", errc::bad_value,
       "6:35: task \"a\": retries must be a whole number below 2^32, not \"many\""},
      {"retries: [3]", errc::wrong_type,
       "6:35: task \"a\": retries must be a single value, not a list"},
      {"timeout: 5x", errc::bad_value,
       "6:35: task \"a\": timeout must be a duration such as 1h30m, 30s, 250ms or a number of "
       "seconds, not \"5x\""},
      {"timeout: -5", errc::bad_value,
       "6:35: task \"a\": timeout must be a duration such as 1h30m, 30s, 250ms or a number of "
       "seconds, not \"-5\""},
      {"timeout: {s: 5}", errc::wrong_type,
       "6:35: task \"a\": timeout must be a single value, not a map"},
      {"with: {a: .nan}", errc::bad_value, "6:36: \".nan\" is no number that JSON can hold"},
      {"name: b", errc::duplicate_key, "6:26: key \"name\" is given twice, first in line 6"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(with_task_fields(each.fields), "t");
    ASSERT_FALSE(loaded.has_value()) << each.fields;
    EXPECT_EQ(loaded.error().code, each.code) << each.fields;
    EXPECT_EQ(loaded.error().what(), fmt::format("t:{}", each.error)) << each.fields;
  }
}

TEST(own_format, refuses_wrong_documents) {
  const std::string long_name(256, 'n');
  struct row {
    std::string text;
    errc code;
    std::string error;
  };
  const row rows[] = {
      {std::string(head), errc::no_tasks, "1:1: workflow \"w\": spec: no tasks"},
      {with_spec("  tasks: []\n"), errc::no_tasks, "5:3: workflow \"w\": spec: no tasks"},
      {with_spec("  tasks:\n"), errc::no_tasks, "5:3: workflow \"w\": spec: no tasks"},
      {with_spec("  tasks: {a: {}}\n"), errc::wrong_type,
       "5:10: workflow \"w\": spec: tasks must be a list, not a map"},
      {with_spec("  tasks: [a]\n"), errc::wrong_type,
       "5:11: tasks[0]: a map is expected, not a single value"},
      {with_spec("  tasks:\n    -\n"), errc::wrong_type,
       "7:1: tasks[0]: a map is expected, not null"},
      {with_spec("  tasks: [{type: t}]\n"), errc::missing_key, "5:11: tasks[0]: name is missing"},
      {with_spec("  tasks: [{name: '', type: t}]\n"), errc::missing_key,
       "5:18: tasks[0]: name is empty"},
      {with_spec("  tasks: [{name: 7, type: t}]\n"), errc::wrong_type,
       "5:18: tasks[0]: name must be text; write it as \"7\""},
      {with_spec("  tasks: [{name: [a], type: t}]\n"), errc::wrong_type,
       "5:18: tasks[0]: name must be a single value, not a list"},
      {with_spec("  tasks: [{name: " + long_name + ", type: t}]\n"), errc::bad_value,
       "5:18: tasks[0]: name \"" + std::string(80, 'n') + "…\" is longer than 255 bytes"},
      {with_spec("  tasks: [{name: a, type: [t]}]\n"), errc::wrong_type,
       "5:27: task \"a\": type must be a single value, not a list"},
      {with_spec("  task: []\n"), errc::unknown_key,
       "5:3: workflow \"w\": spec: unknown key \"task\"; did you mean \"tasks\"?"},
      {with_parameters("[{value: 1}]"), errc::missing_key, "6:16: parameters[0]: name is missing"},
      {with_parameters("[{name: p}, null]"), errc::wrong_type,
       "6:27: parameters[1]: a map is expected, not null"},
      {with_parameters("[{name: p, default: 1}]"), errc::unknown_key,
       "6:26: parameter \"p\": unknown key \"default\""},
      {with_parameters("[{name: p}, {name: q}, {name: p}]"), errc::duplicate_name,
       "6:38: workflow \"w\": spec: parameter \"p\" is given twice, first in line 6"},
      {with_parameters("{p: 1}"), errc::wrong_type,
       "6:15: workflow \"w\": spec: parameters must be a list, not a map"},
      {std::string(head) + "spec: []\n", errc::wrong_type,
       "4:7: workflow \"w\": spec: a map is expected, not a list"},
      {std::string(head) + "specs: {}\n", errc::unknown_key,
       "4:1: workflow \"w\": unknown key \"specs\"; did you mean \"spec\"?"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\n", errc::missing_key,
       "1:1: workflow: metadata: name is missing\n1:1: workflow: spec: no tasks"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {nam: w}\n"
       "spec: {tasks: [{name: a}]}\n",
       errc::missing_key,
       "3:11: workflow: metadata: name is missing\n"
       "3:12: workflow: metadata: unknown key \"nam\"; did you mean \"name\"?"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\n"
       "metadata: {name: w, label: {}}\nspec: {tasks: [{name: a}]}\n",
       errc::unknown_key,
       "3:21: workflow \"w\": metadata: unknown key \"label\"; did you mean \"labels\"?"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(each.text, "t");
    ASSERT_FALSE(loaded.has_value()) << each.text;
    EXPECT_EQ(loaded.error().code, each.code) << each.text;
    EXPECT_EQ(loaded.error().what(), "t:" + each.error) << each.text;
  }
}

}  // namespace
}  // namespace engine::workflow
