// The templates of an Argo document by name, and what can be said of each before it is read.
//
// Looks at the tree as it is: what has the wrong type counts as absent here, and is for the reader
// to refuse. Refers to the tree.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// The value of `key` in `map`; null if it is absent or null, or if `map` is null or no map.
/// O(keys).
[[nodiscard]] const node* value_at(const node* map, std::string_view key);
/// The scalar there; empty if there is none.
[[nodiscard]] std::string_view text_at(const node* map, std::string_view key);
/// The elements of the list there; none if there is none.
[[nodiscard]] std::span<const node* const> items_at(const node* map, std::string_view key);
/// Their names, sorted.
[[nodiscard]] std::vector<std::string_view> names_at(const node* map, std::string_view key);

/// The steps of a group, or the one that stands in its place.
[[nodiscard]] std::span<const node* const> steps_of(const node* const& group);

/// Whether a task or step is repeated for items.
[[nodiscard]] bool has_items(const node& work);

/// The keys of a template that say of what kind it is.
[[nodiscard]] std::span<const std::string_view> template_kinds();

struct argo_template {
  explicit argo_template(const node& of);

  const node* from;
  std::string_view name;
  /// The first of template_kinds() that it has; empty if it has none.
  std::string_view kind;
  /// All names are sorted.
  std::vector<std::string_view> input_parameters;
  std::vector<std::string_view> input_artifacts;
  /// Parameters without a value of their own.
  std::vector<std::string_view> required_parameters;
  std::vector<std::string_view> output_parameters;
  std::vector<std::string_view> output_artifacts;
  /// Its tasks have outputs.result and exitCode.
  bool has_result = false;
  /// Its tasks have an ip.
  bool is_daemon = false;

  [[nodiscard]] bool is_graph() const { return kind == "dag" || kind == "steps"; }
};

/// How messages name the template that a task runs; one that stands in its place has no name.
[[nodiscard]] std::string shown_name(const argo_template& one);

class argo_templates {
 public:
  /// O(values * log(names)).
  explicit argo_templates(const node& spec);

  [[nodiscard]] const std::deque<argo_template>& all() const { return all_; }
  /// Sorted; some may be there twice.
  [[nodiscard]] const std::vector<std::string_view>& names() const { return names_; }

  /// Null if there is none. O(log(templates)).
  [[nodiscard]] const argo_template* find(std::string_view name) const;
  /// What a task, step or hook runs: a template of this document or, which then is kept here, the
  /// one that stands in its place. Null for those of other documents.
  [[nodiscard]] const argo_template* run_by(const node& work);

 private:
  std::deque<argo_template> all_;
  std::vector<std::string_view> names_;
  std::vector<const argo_template*> by_name_;
  std::deque<argo_template> inline_;
};

}  // namespace engine::workflow::internal
