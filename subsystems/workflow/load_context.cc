#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "subsystems/workflow/load_context_internal.h"

namespace engine::workflow::internal {
namespace {

bool stands_before(const error& left, const error& right) {
  return std::tie(left.where.line, left.where.column) <
         std::tie(right.where.line, right.where.column);
}

bool same_problem(const error& left, const error& right) {
  return left.where == right.where && left.message == right.message;
}

// Adds `one` unless it is known already; false if there is no room for it.
bool add_once(error&& one, std::vector<error>& all, std::size_t size_max) {
  const auto is_same = [&](const error& each) { return same_problem(each, one); };
  if (std::any_of(all.begin(), all.end(), is_same)) {
    return true;
  }
  if (all.size() >= size_max) {
    return false;
  }
  all.push_back(std::move(one));
  return true;
}

// One error that tells of all: a sentence a line, each but the first with its place in front.
error joined(std::vector<error>&& problems, bool has_more) {
  std::stable_sort(problems.begin(), problems.end(), stands_before);
  error whole = std::move(problems.front());
  for (std::size_t at = 1; at < problems.size(); ++at) {
    const error& each = problems[at];
    whole.message += fmt::format("\n{}:{}: {}", each.where.line, each.where.column, each.message);
  }
  if (has_more) {
    whole.message += "\nand more";
  }
  return whole;
}

}  // namespace

void load_context::refuse(errc code, position where, std::string message) {
  const std::size_t problems_max = std::max(bounds_.problems_max, 1U);
  if (!add_once({code, source_, where, std::move(message)}, problems_, problems_max)) {
    has_more_problems_ = true;
  }
}

void load_context::warn(errc code, position where, std::string message) {
  if (!add_once({code, source_, where, std::move(message)}, loaded_.warnings,
                bounds_.problems_max)) {
    loaded_.warnings_truncated = true;
  }
}

void load_context::skip(errc code, position where, std::string message) {
  loaded_.skipped.push_back(error{code, source_, where, std::move(message)});
}

bool load_context::admit_task(position where) {
  return admit(++tasks_, bounds_.tasks_max, errc::too_many_tasks, where, "tasks");
}

bool load_context::admit_dependencies(std::size_t count, position where) {
  dependencies_ += count;
  return admit(dependencies_, bounds_.dependencies_max, errc::too_many_dependencies, where,
               "dependencies");
}

bool load_context::admit_patterns(std::size_t count, position where) {
  patterns_ += count;
  return admit(patterns_, bounds_.patterns_max, errc::too_many_patterns, where,
               "regular expressions");
}

// The first limit that is passed is told of; nothing behind it is read.
bool load_context::admit(std::uint64_t count, std::uint64_t count_max, errc code, position where,
                         std::string_view what) {
  if (count > count_max && !stopped()) {
    refuse(code, where, fmt::format("more than {} {}", count_max, what));
    is_past_limits_ = true;
  }
  return !stopped();
}

result<manifest> load_context::finish() && {
  if (refused()) {
    return joined(std::move(problems_), has_more_problems_);
  }
  if (loaded_.definitions.empty()) {
    if (loaded_.skipped.empty()) {
      skip(errc::not_a_workflow, {}, "the text holds no document");
    }
    // A workflow without tasks says more about the author's mistake than a ConfigMap beside it.
    const auto lacks_tasks = [](const error& each) { return each.code == errc::no_tasks; };
    const auto& skipped = loaded_.skipped;
    const auto reason = std::find_if(skipped.begin(), skipped.end(), lacks_tasks);
    return reason == skipped.end() ? skipped.front() : *reason;
  }
  std::stable_sort(loaded_.warnings.begin(), loaded_.warnings.end(), stands_before);
  return std::move(loaded_);
}

}  // namespace engine::workflow::internal
