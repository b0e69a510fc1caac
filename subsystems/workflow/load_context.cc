#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "subsystems/workflow/load_context_internal.h"

namespace engine::workflow::internal {

void load_context::refuse(errc code, position where, std::string message) {
  if (!refusal_) {
    refusal_ = error{code, source_, where, std::move(message)};
  }
}

void load_context::skip(errc code, position where, std::string message) {
  loaded_.skipped.push_back(error{code, source_, where, std::move(message)});
}

bool load_context::admit_task(position where) {
  if (++tasks_ > bounds_.tasks_max) {
    refuse(errc::too_many_tasks, where, fmt::format("more than {} tasks", bounds_.tasks_max));
  }
  return !refused();
}

bool load_context::admit_dependencies(std::size_t count, position where) {
  dependencies_ += count;
  if (dependencies_ > bounds_.dependencies_max) {
    refuse(errc::too_many_dependencies, where,
           fmt::format("more than {} dependencies", bounds_.dependencies_max));
  }
  return !refused();
}

bool load_context::admit_patterns(std::size_t count, position where) {
  patterns_ += count;
  if (patterns_ > bounds_.patterns_max) {
    refuse(errc::too_many_patterns, where,
           fmt::format("more than {} regular expressions", bounds_.patterns_max));
  }
  return !refused();
}

result<manifest> load_context::finish() && {
  if (!refused() && loaded_.definitions.empty()) {
    if (loaded_.skipped.empty()) {
      skip(errc::not_a_workflow, {}, "the text holds no document");
    }
    // A workflow without tasks says more about the author's mistake than a ConfigMap beside it.
    const auto lacks_tasks = [](const error& each) { return each.code == errc::no_tasks; };
    const auto& skipped = loaded_.skipped;
    const auto reason = std::find_if(skipped.begin(), skipped.end(), lacks_tasks);
    refusal_ = reason == skipped.end() ? skipped.front() : *reason;
  }
  if (refused()) {
    return std::move(*refusal_);
  }
  return std::move(loaded_);
}

}  // namespace engine::workflow::internal
