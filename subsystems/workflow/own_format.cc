#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/check_parameter.h"
#include "subsystems/workflow/duration_internal.h"
#include "subsystems/workflow/name_rules_internal.h"
#include "subsystems/workflow/object_reader_internal.h"
#include "subsystems/workflow/own_format_internal.h"

namespace engine::workflow::internal {
namespace {

using support::in_quotes;

// `status` and most of the metadata are what a Kubernetes API server adds to what the author wrote.
constexpr std::array<std::string_view, 5> own_document_keys = {"apiVersion", "kind", "metadata",
                                                               "spec", "status"};
constexpr std::array<std::string_view, 11> own_metadata_keys = {
    "name",          "namespace",       "labels",         "annotations",
    "uid",           "generation",      "finalizers",     "creationTimestamp",
    "managedFields", "ownerReferences", "resourceVersion"};
constexpr std::array<std::string_view, 2> own_spec_keys = {"parameters", "tasks"};
constexpr std::array<std::string_view, 3> own_parameter_keys = {"name", "value", "pattern"};
constexpr std::array<std::string_view, 6> own_task_keys = {"name", "dependsOn", "type",
                                                           "with", "retries",   "timeout"};

std::optional<templating::pattern> read_pattern(object_reader& fields, load_context& load) {
  const node* const value = fields.find("pattern");
  const std::string expression = fields.text("pattern");
  if (value == nullptr || !load.admit_patterns(1, value->where)) {
    return std::nullopt;
  }
  templating::result<templating::pattern> compiled =
      templating::pattern::compile(expression, {}, load.patterns_budget());
  if (!compiled) {
    fields.refuse(errc::bad_value, value->where, compiled.error().message);
    return std::nullopt;
  }
  return std::move(*compiled);
}

// Reads the name of an element of the list at `key`, and calls it by that from now on.
std::string read_name(object_reader& fields, std::string_view noun) {
  std::string name = fields.required_name("name");
  if (!name.empty()) {
    fields.rename(fmt::format("{} {}", noun, in_quotes(name)));
  }
  return name;
}

parameter read_parameter(const node& from, std::size_t index, load_context& load) {
  object_reader fields(from, fmt::format("parameters[{}]", index), load);
  parameter read;
  read.name = read_name(fields, "parameter");
  fields.allow_only(own_parameter_keys);
  read.where = fields.where();
  read.pattern = read_pattern(fields, load);
  if (const node* const value = fields.find("value")) {
    // Templates make text of it. Inside of lists and maps the text is JSON, which has one number.
    read.value =
        fields.json("value", value->kind == node_kind::scalar ? numbers::written : numbers::meant);
    if (const result<void> matches = check_parameter(read, *read.value, load.patterns_budget());
        !matches) {
      load.refuse(errc::bad_value, value->where, matches.error().message);
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
    fields.refuse(errc::bad_value, value->where,
                  fmt::format("retries must be a whole number below 2^32{}, not {}",
                              value->plain ? "" : " and not in quotes", in_quotes(value->text)));
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

std::vector<parameter> read_parameters(object_reader& spec, load_context& load) {
  const std::span<const node* const> items = spec.list("parameters");
  std::vector<parameter> read;
  read.reserve(items.size());
  for (std::size_t at = 0; at < items.size() && !load.stopped(); ++at) {
    read.push_back(read_parameter(*items[at], at, load));
  }
  std::vector<named_place> names;
  names.reserve(read.size());
  for (const parameter& each : read) {
    names.push_back({each.name, each.where});
  }
  refuse_duplicate_names(names, spec.subject(), "parameter", load);
  return read;
}

task read_task(const node& from, std::size_t index, load_context& load) {
  object_reader fields(from, fmt::format("tasks[{}]", index), load);
  task read;
  read.name = read_name(fields, "task");
  fields.allow_only(own_task_keys);
  read.where = fields.where();
  read.type = fields.text("type");
  read.with = fields.json("with");
  read.placeholders = fields.placeholders("with");
  read.retries = read_retries(fields);
  read.timeout = read_timeout(fields);
  if (load.admit_dependencies(fields.list("dependsOn").size(), read.where)) {
    read.depends_on = fields.texts("dependsOn");
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
  if (!read.name.empty()) {
    top.rename(fmt::format("workflow {}", in_quotes(read.name)));
  }
  bool all_known = top.allow_only(own_document_keys);
  top.object("metadata").allow_only(own_metadata_keys);

  object_reader spec = top.object("spec");
  all_known = spec.allow_only(own_spec_keys) && all_known;
  read.parameters = read_parameters(spec, load);
  const std::span<const node* const> tasks = spec.list("tasks");
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    if (!load.admit_task(tasks[at]->where)) {
      return;
    }
    read.tasks.push_back(read_task(*tasks[at], at, load));
  }
  // An unknown key may be that of the tasks.
  if (all_known && spec.is_map() && spec.has_no("tasks")) {
    spec.refuse(errc::no_tasks, spec.where(), "no tasks");
  }
  load.add(std::move(read));
}

}  // namespace engine::workflow::internal
