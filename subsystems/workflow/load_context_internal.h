// What the steps of one load share: its limits, and its outcome as far as it is known.
//
// Problems are collected: a reader goes on with defaults after one, so that the author learns of
// all of them at once, and looks at stopped() before work that could be long. Lives during one
// load, on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "subsystems/support/nearest_name.h"
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

  /// Notes a problem, once however often it is met: an alias brings it again.
  void refuse(errc code, position where, std::string message);
  [[nodiscard]] bool refused() const { return !problems_.empty(); }
  /// A limit is passed, or there are more problems than an error tells of: to read on is no use.
  [[nodiscard]] bool stopped() const { return is_past_limits_ || has_more_problems_; }

  /// Notes what is suspicious but no reason to refuse.
  void warn(errc code, position where, std::string message);
  [[nodiscard]] bool warns_no_more() const { return loaded_.warnings_truncated; }

  /// Notes a document that is well-formed but holds no workflow.
  void skip(errc code, position where, std::string message);

  /// For what the authors of unknown names meant, in all of the manifest.
  [[nodiscard]] support::guess_budget& guesses() { return guesses_; }

  /// Counts a task about to be read, its dependencies, or regular expressions. False if it is no
  /// use to read them: they are beyond the limits, which is a problem, or reading has stopped.
  bool admit_task(position where);
  bool admit_dependencies(std::size_t count, position where);
  bool admit_patterns(std::size_t count, position where);

  /// What the patterns of all parameters may take to look at their values.
  [[nodiscard]] templating::pattern_budget& patterns_budget() { return patterns_budget_; }

  void add(definition&& complete) { loaded_.definitions.push_back(std::move(complete)); }

  /// The manifest, or why there is none: all problems, in the order of the text.
  [[nodiscard]] result<manifest> finish() &&;

 private:
  bool admit(std::uint64_t count, std::uint64_t count_max, errc code, position where,
             std::string_view what);

  limits bounds_;
  std::string source_;
  std::uint64_t tasks_ = 0;
  std::uint64_t dependencies_ = 0;
  std::uint64_t patterns_ = 0;
  support::guess_budget guesses_;
  templating::pattern_budget patterns_budget_;
  manifest loaded_;
  std::vector<error> problems_;
  bool has_more_problems_ = false;
  bool is_past_limits_ = false;
};

}  // namespace engine::workflow::internal
