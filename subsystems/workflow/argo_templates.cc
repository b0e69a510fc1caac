#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_templates_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::array<std::string_view, 10> template_kind_names = {
    "container", "containerSet", "script", "resource", "dag",
    "steps",     "suspend",      "data",   "http",     "plugin"};

std::string_view kind_of(const node& from) {
  const auto* const found =
      std::find_if(template_kind_names.begin(), template_kind_names.end(),
                   [&](std::string_view each) { return value_at(&from, each) != nullptr; });
  return found == template_kind_names.end() ? std::string_view() : *found;
}

bool gives_result(const node& from, std::string_view kind) {
  if (kind == "containerSet") {
    const std::vector<std::string_view> names = names_at(value_at(&from, kind), "containers");
    return std::binary_search(names.begin(), names.end(), "main");
  }
  return kind != "dag" && kind != "steps" && kind != "suspend" && kind != "resource";
}

bool has_value(const node& parameter) {
  return value_at(&parameter, "value") != nullptr || value_at(&parameter, "default") != nullptr ||
         value_at(&parameter, "valueFrom") != nullptr;
}

}  // namespace

const node* value_at(const node* map, std::string_view key) {
  if (map == nullptr) {
    return nullptr;
  }
  for (const member& each : map->members) {
    if (each.key == key) {
      return each.value->kind == node_kind::null ? nullptr : each.value;
    }
  }
  return nullptr;
}

std::string_view text_at(const node* map, std::string_view key) {
  const node* const value = value_at(map, key);
  return value == nullptr ? std::string_view() : std::string_view(value->text);
}

std::span<const node* const> items_at(const node* map, std::string_view key) {
  const node* const value = value_at(map, key);
  return value == nullptr ? std::span<const node* const>() : value->items;
}

std::vector<std::string_view> names_at(const node* map, std::string_view key) {
  std::vector<std::string_view> names;
  for (const node* each : items_at(map, key)) {
    names.push_back(text_at(each, "name"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::span<const node* const> steps_of(const node* const& group) {
  if (group->kind == node_kind::sequence) {
    return group->items;
  }
  return {&group, 1};
}

bool has_items(const node& work) {
  const node* const items = value_at(&work, "withItems");
  return (items != nullptr && (items->kind == node_kind::scalar || !items->items.empty())) ||
         !text_at(&work, "withParam").empty() || value_at(&work, "withSequence") != nullptr;
}

std::span<const std::string_view> template_kinds() { return template_kind_names; }

argo_template::argo_template(const node& of)
    : from(&of),
      name(text_at(&of, "name")),
      kind(kind_of(of)),
      input_parameters(names_at(value_at(&of, "inputs"), "parameters")),
      input_artifacts(names_at(value_at(&of, "inputs"), "artifacts")),
      output_parameters(names_at(value_at(&of, "outputs"), "parameters")),
      output_artifacts(names_at(value_at(&of, "outputs"), "artifacts")),
      has_result(gives_result(of, kind)),
      is_daemon(!text_at(&of, "daemon").empty()) {
  for (const node* each : items_at(value_at(&of, "inputs"), "parameters")) {
    if (const std::string_view parameter = text_at(each, "name");
        !parameter.empty() && !has_value(*each)) {
      required_parameters.push_back(parameter);
    }
  }
}

std::string shown_name(const argo_template& one) {
  return one.name.empty() ? "its template"
                          : fmt::format("template {}", support::in_quotes(one.name));
}

argo_templates::argo_templates(const node& spec) {
  std::vector<std::pair<std::string_view, const argo_template*>> sorted;
  for (const node* each : items_at(&spec, "templates")) {
    const argo_template& added = all_.emplace_back(*each);
    sorted.emplace_back(added.name, &added);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  for (const auto& [name, one] : sorted) {
    names_.push_back(name);
    by_name_.push_back(one);
  }
}

const argo_template* argo_templates::find(std::string_view name) const {
  const auto found = std::lower_bound(names_.begin(), names_.end(), name);
  return found != names_.end() && *found == name
             ? by_name_[static_cast<std::size_t>(found - names_.begin())]
             : nullptr;
}

const argo_template* argo_templates::run_by(const node& work) {
  if (const std::string_view name = text_at(&work, "template"); !name.empty()) {
    return find(name);
  }
  const node* const replaced = value_at(&work, "inline");
  if (replaced == nullptr || value_at(&work, "templateRef") != nullptr) {
    return nullptr;
  }
  return &inline_.emplace_back(*replaced);
}

}  // namespace engine::workflow::internal
