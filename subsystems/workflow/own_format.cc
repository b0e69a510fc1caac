#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "subsystems/workflow/check_parameter.h"
#include "subsystems/workflow/duration_internal.h"
#include "subsystems/workflow/object_reader_internal.h"
#include "subsystems/workflow/own_format_internal.h"
#include "subsystems/workflow/quote_internal.h"

namespace engine::workflow::internal {
namespace {

// `status` and most of the metadata are what a Kubernetes API server adds to what the author wrote.
constexpr std::array<std::string_view, 5> document_keys = {"apiVersion", "kind", "metadata", "spec",
                                                           "status"};
constexpr std::array<std::string_view, 11> metadata_keys = {
    "name",          "namespace",       "labels",         "annotations",
    "uid",           "generation",      "finalizers",     "creationTimestamp",
    "managedFields", "ownerReferences", "resourceVersion"};
constexpr std::array<std::string_view, 2> spec_keys = {"parameters", "tasks"};
constexpr std::array<std::string_view, 3> parameter_keys = {"name", "value", "pattern"};
constexpr std::array<std::string_view, 6> task_keys = {"name", "dependsOn", "type",
                                                       "with", "retries",   "timeout"};

std::optional<templating::pattern> read_pattern(object_reader& fields, load_context& load) {
  const node* const value = fields.find("pattern");
  const std::string expression = fields.text("pattern");
  if (value == nullptr || !load.admit_patterns(1, value->where)) {
    return std::nullopt;
  }
  templating::result<templating::pattern> compiled = templating::pattern::compile(expression);
  if (!compiled) {
    fields.refuse(errc::bad_value, value->where, compiled.error().message);
    return std::nullopt;
  }
  return std::move(*compiled);
}

parameter read_parameter(const node& from, load_context& load) {
  object_reader fields(from, "parameter", load);
  parameter read;
  read.name = fields.required_name("name");
  fields.rename(fmt::format("parameter {}", in_quotes(read.name)));
  fields.allow_only(parameter_keys);
  read.where = fields.where();
  read.pattern = read_pattern(fields, load);
  if (fields.has("value")) {
    read.value = fields.json("value");
    if (const result<void> matches = check_parameter(read, *read.value, load.patterns_budget());
        !matches) {
      load.refuse(errc::bad_value, fields.find("value")->where, matches.error().message);
    }
  }
  return read;
}

std::uint32_t read_retries(object_reader& fields) {
  const node* const value = fields.scalar("retries");
  if (value == nullptr) {
    return 0;
  }
  std::uint32_t retries = 0;
  const char* const end = value->text.data() + value->text.size();
  const auto [stop, problem] = std::from_chars(value->text.data(), end, retries);
  if (!value->plain || stop != end || problem != std::errc()) {
    fields.refuse(
        errc::bad_value, value->where,
        fmt::format("retries must be a whole number below 2^32, not {}", in_quotes(value->text)));
  }
  return retries;
}

std::chrono::milliseconds read_timeout(object_reader& fields) {
  const node* const value = fields.scalar("timeout");
  if (value == nullptr) {
    return {};
  }
  const std::optional<std::chrono::milliseconds> timeout = parse_duration(value->text);
  if (!timeout) {
    fields.refuse(
        errc::bad_value, value->where,
        fmt::format("timeout must be a duration such as 1h30m, 30s, 250ms or a number of seconds, "
                    "not {}",
                    in_quotes(value->text)));
  }
  return timeout.value_or(std::chrono::milliseconds(0));
}

task read_task(const node& from, load_context& load) {
  object_reader fields(from, "task", load);
  task read;
  read.name = fields.required_name("name");
  fields.rename(fmt::format("task {}", in_quotes(read.name)));
  fields.allow_only(task_keys);
  read.where = fields.where();
  read.type = fields.text("type");
  read.with = fields.json("with");
  read.placeholders = fields.placeholders("with");
  read.retries = read_retries(fields);
  read.timeout = read_timeout(fields);
  const std::span<const node* const> dependencies = fields.list("dependsOn");
  if (load.admit_dependencies(dependencies.size(), read.where)) {
    for (const node* dependency : dependencies) {
      read.depends_on.push_back(fields.text_of(*dependency, "dependsOn"));
    }
  }
  return read;
}

}  // namespace

void read_own(const node& document, load_context& load) {
  object_reader top(document, "workflow", load);
  definition read;
  read.name = top.object("metadata").required_name("name");
  read.source = load.source();
  read.where = top.where();
  top.rename(fmt::format("workflow {}", in_quotes(read.name)));
  top.allow_only(document_keys);
  top.object("metadata").allow_only(metadata_keys);

  object_reader spec = top.object("spec");
  spec.allow_only(spec_keys);
  for (const node* each : spec.list("parameters")) {
    read.parameters.push_back(read_parameter(*each, load));
  }
  const std::span<const node* const> tasks = spec.list("tasks");
  for (const node* each : tasks) {
    if (!load.admit_task(each->where)) {
      return;
    }
    read.tasks.push_back(read_task(*each, load));
  }
  if (tasks.empty()) {
    spec.refuse(errc::no_tasks, spec.where(), "no tasks");
  }
  load.add(std::move(read));
}

}  // namespace engine::workflow::internal
