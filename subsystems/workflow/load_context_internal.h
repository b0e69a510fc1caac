// What the steps of one load share: its limits, and its outcome as far as it is known.
//
// The first refusal stands, and later ones are ignored: a reader may go on with defaults after a
// problem, as long as it looks at refused() before work that could be long. Lives during one load,
// on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "subsystems/templating/pattern.h"
#include "subsystems/workflow/error.h"
#include "subsystems/workflow/limits.h"
#include "subsystems/workflow/manifest.h"

namespace engine::workflow::internal {

class load_context {
 public:
  load_context(std::string_view source, const limits& bounds) : bounds_(bounds), source_(source) {}

  [[nodiscard]] const limits& bounds() const { return bounds_; }
  [[nodiscard]] const std::string& source() const { return source_; }

  void refuse(errc code, position where, std::string message);
  [[nodiscard]] bool refused() const { return refusal_.has_value(); }

  /// Notes a document that is well-formed but holds no workflow.
  void skip(errc code, position where, std::string message);

  /// Counts a task about to be read, its dependencies, or regular expressions; refuses and returns
  /// false beyond the limits.
  bool admit_task(position where);
  bool admit_dependencies(std::size_t count, position where);
  bool admit_patterns(std::size_t count, position where);

  /// What the patterns of all parameters may take to look at their values.
  [[nodiscard]] templating::pattern_budget& patterns_budget() { return patterns_budget_; }

  void add(definition&& complete) { loaded_.definitions.push_back(std::move(complete)); }

  /// The manifest, or why there is none.
  [[nodiscard]] result<manifest> finish() &&;

 private:
  limits bounds_;
  std::string source_;
  std::uint64_t tasks_ = 0;
  std::uint64_t dependencies_ = 0;
  std::uint64_t patterns_ = 0;
  templating::pattern_budget patterns_budget_;
  manifest loaded_;
  std::optional<error> refusal_;
};

}  // namespace engine::workflow::internal
