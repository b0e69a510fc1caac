#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_templates_internal.h"
#include "subsystems/workflow/argo_values_internal.h"

namespace engine::workflow::internal {
namespace {

using support::in_quotes;

using key_list = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> argument_sources = {"configMapKeyRef", "event",
                                                              "supplied"};
constexpr std::array<std::string_view, 4> sources_of_outputs = {"path", "jsonPath", "parameter",
                                                                "expression"};
constexpr std::array<std::string_view, 6> output_sources = {"path",      "jqFilter",   "jsonPath",
                                                            "parameter", "expression", "supplied"};
constexpr std::array<std::string_view, 1> pod_sources = {"path"};
constexpr std::array<std::string_view, 2> resource_sources = {"jqFilter", "jsonPath"};
constexpr std::array<std::string_view, 2> graph_sources = {"parameter", "expression"};
constexpr std::array<std::string_view, 12> artifact_sources = {
    "from", "fromExpression", "artifactory", "azure",  "gcs", "git",
    "hdfs", "http",           "oss",         "plugin", "raw", "s3"};

bool is_given(const node* from, std::string_view key) {
  const node* const value = value_at(from, key);
  return value != nullptr && (value->kind != node_kind::scalar || !value->text.empty());
}

std::size_t count_given(const node* from, key_list keys) {
  return static_cast<std::size_t>(std::count_if(
      keys.begin(), keys.end(), [from](std::string_view each) { return is_given(from, each); }));
}

// Where an output of such a template can come from; nothing if that is not known.
key_list sources_of(std::string_view template_kind) {
  if (template_kind == "container" || template_kind == "containerSet" ||
      template_kind == "script") {
    return pod_sources;
  }
  if (template_kind == "resource") {
    return resource_sources;
  }
  return template_kind == "dag" || template_kind == "steps" ? key_list(graph_sources) : key_list();
}

std::string listed(key_list keys) {
  std::string shown(keys.front());
  for (std::size_t at = 1; at < keys.size(); ++at) {
    shown += at + 1 == keys.size() ? " or " : ", ";
    shown += keys[at];
  }
  return shown;
}

std::string subject_of(const node& value, std::string_view subject, std::string_view noun) {
  return fmt::format("{}: {} {}", subject, noun, in_quotes(text_at(&value, "name")));
}

bool is_one_of(const node& value, const node& list) {
  return std::any_of(list.items.begin(), list.items.end(), [&](const node* each) {
    return each->kind == node_kind::scalar && each->text == value.text;
  });
}

void check_argument(const node& argument, const std::string& subject, bool may_lack_value,
                    load_context& load) {
  const node* const value = value_at(&argument, "value");
  const node* const source = value_at(&argument, "valueFrom");
  if (value == nullptr && source == nullptr && !may_lack_value) {
    load.refuse(errc::missing_key, argument.where,
                fmt::format("{}: value or valueFrom is missing", subject));
  }
  if (source != nullptr &&
      (count_given(source, argument_sources) == 0 || count_given(source, sources_of_outputs) > 0)) {
    load.refuse(errc::conflicting_keys, source->where,
                fmt::format("{}: the value of an argument comes from {}", subject,
                            listed(argument_sources)));
  }
  const node* const choices = value_at(&argument, "enum");
  if (choices == nullptr || choices->kind != node_kind::sequence) {
    return;
  }
  if (choices->items.empty()) {
    load.refuse(errc::bad_value, choices->where, fmt::format("{}: enum is empty", subject));
  } else if (value != nullptr && !is_one_of(*value, *choices)) {
    load.refuse(
        errc::bad_value, value->where,
        fmt::format("{}: the value {} is none of its enum", subject, in_quotes(value->text)));
  }
}

void check_output(const node& output, const std::string& subject, std::string_view template_kind,
                  load_context& load) {
  const node* const source = value_at(&output, "valueFrom");
  const bool has_value = value_at(&output, "value") != nullptr;
  if (source == nullptr) {
    if (!has_value) {
      load.refuse(errc::missing_key, output.where,
                  fmt::format("{}: value or valueFrom is missing", subject));
    }
    return;
  }
  const auto refuse = [&](std::string_view why) {
    load.refuse(errc::conflicting_keys, source->where, fmt::format("{}: {}", subject, why));
  };
  const key_list wanted = sources_of(template_kind);
  if (has_value) {
    refuse("value and valueFrom exclude each other");
  } else if (count_given(source, output_sources) > 1) {
    refuse(fmt::format("valueFrom must have only one of {}", listed(output_sources)));
  } else if (count_given(source, wanted.empty() ? key_list(output_sources) : wanted) == 0) {
    refuse(fmt::format("valueFrom must have {}",
                       listed(wanted.empty() ? key_list(output_sources) : wanted)));
  }
}

}  // namespace

void check_names(const node* holder, std::string_view key, std::string_view subject, argo_name kind,
                 load_context& load) {
  const std::span<const node* const> items = items_at(holder, key);
  std::vector<named_place> names;
  names.reserve(items.size());
  for (std::size_t at = 0; at < items.size() && !load.stopped(); ++at) {
    const node* const value = value_at(items[at], "name");
    if (value == nullptr || value->kind != node_kind::scalar || value->text.empty()) {
      if (items[at]->kind == node_kind::map && value == nullptr) {
        load.refuse(errc::missing_key, items[at]->where,
                    fmt::format("{}: {}[{}]: name is missing", subject, key, at));
      }
      continue;
    }
    names.push_back({value->text, items[at]->where});
    const std::string written = kind == argo_name::of_value ? filled_in(value->text) : value->text;
    if (const std::string_view problem = problem_of_name(written, kind); !problem.empty()) {
      load.refuse(
          errc::bad_value, value->where,
          fmt::format("{}: {}[{}]: name {} {}", subject, key, at, in_quotes(value->text), problem));
    }
  }
  refuse_duplicate_names(names, subject, key.substr(0, key.size() - 1), load);
}

void check_value_names(const node* holder, std::string_view subject, load_context& load) {
  check_names(holder, "parameters", subject, argo_name::of_value, load);
  check_names(holder, "artifacts", subject, argo_name::of_value, load);
}

void check_arguments(const node* holder, std::string_view subject, bool may_lack_value,
                     load_context& load) {
  check_value_names(holder, subject, load);
  for (const node* each : items_at(holder, "parameters")) {
    if (each->kind == node_kind::map) {
      check_argument(*each, subject_of(*each, subject, "parameter"), may_lack_value, load);
    }
  }
  for (const node* each : items_at(holder, "artifacts")) {
    if (each->kind == node_kind::map && count_given(each, artifact_sources) == 0) {
      load.refuse(errc::missing_key, each->where,
                  fmt::format("{}: from or a place to load it from is missing",
                              subject_of(*each, subject, "artifact")));
    }
  }
}

void check_outputs(const node* holder, std::string_view subject, std::string_view template_kind,
                   load_context& load) {
  check_value_names(holder, subject, load);
  for (const node* each : items_at(holder, "parameters")) {
    if (each->kind == node_kind::map) {
      check_output(*each, subject_of(*each, subject, "parameter"), template_kind, load);
    }
  }
}

}  // namespace engine::workflow::internal
