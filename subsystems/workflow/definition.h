// A workflow as its author wrote it: plain data that owns all its text, so it outlives the manifest
// it was read from.
//
// Nothing here promises a sound task graph; that is for validate.h to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/pattern.h"
#include "subsystems/workflow/position.h"

namespace engine::workflow {

/// A named input of a workflow.
struct parameter {
  std::string name;
  /// The default; without one a run must supply the value. A number that would be written in
  /// another way than its author's, such as 1e3 or 1.50, is the author's text.
  std::optional<boost::json::value> value;
  /// What every value must match, as check_parameter.h has it.
  std::optional<templating::pattern> pattern;
  position where;
};

/// The parameters of an Argo workflow, which its definitions share.
class shared_parameters {
 public:
  /// Not `complete`: whoever runs the workflow may add others.
  explicit shared_parameters(std::vector<parameter> all, bool complete);

  /// By name.
  [[nodiscard]] const std::vector<parameter>& all() const { return all_; }
  [[nodiscard]] bool complete() const { return complete_; }

  /// Null if there is none. O(log all).
  [[nodiscard]] const parameter* find(std::string_view name) const;

 private:
  std::vector<parameter> all_;
  bool complete_;
};

struct task {
  std::string name;
  /// Names of the tasks that must end before this one starts, in the author's order.
  std::vector<std::string> depends_on;
  /// Which kind of work it is; empty if the author does not say.
  std::string type;
  /// The input of that work, null if none is given: a template of a document, as
  /// templating/compiled_template.h has it. A whole number beyond 64 bits is its text, and in
  /// Argo's arguments, which are texts, so is one that would be written in another way.
  boost::json::value with;
  /// Where each "{{" of the strings of `with` stands, in their order; empty if that is not known.
  std::vector<position> placeholders;
  /// How often a failed attempt is repeated.
  std::uint32_t retries = 0;
  /// How long one attempt may take; 0 means as long as it likes.
  std::chrono::milliseconds timeout{0};
  position where;
};

struct definition {
  std::string name;
  std::vector<parameter> parameters;
  /// What `workflow.parameters` means in placeholders; null if it means `parameters`.
  std::shared_ptr<const shared_parameters> workflow_parameters;
  std::vector<task> tasks;
  /// What the manifest is called in errors, and where in it the workflow begins.
  std::string source;
  position where;
};

}  // namespace engine::workflow
