#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/known_names_internal.h"

namespace engine::workflow::internal {
namespace {

using support::did_you_mean;
using support::in_quotes;

using name_list = std::span<const std::string_view>;

// A variable by its first name.
struct variable {
  std::string_view name;
  /// What may follow; anything if nothing is listed.
  name_list members;
  /// Alone, it has a value.
  bool has_value = false;
};

constexpr std::array<std::string_view, 15> workflow_members = {"name",
                                                               "namespace",
                                                               "mainEntrypoint",
                                                               "serviceAccountName",
                                                               "uid",
                                                               "parameters",
                                                               "outputs",
                                                               "annotations",
                                                               "labels",
                                                               "creationTimestamp",
                                                               "scheduledTime",
                                                               "priority",
                                                               "duration",
                                                               "status",
                                                               "failures"};
constexpr std::array<std::string_view, 7> cron_members = {
    "name", "namespace", "labels", "annotations", "lastScheduledTime", "failed", "succeeded"};
constexpr std::array<std::string_view, 2> input_members = {"parameters", "artifacts"};
constexpr std::array<std::string_view, 4> retry_members = {"exitCode", "status", "duration",
                                                           "message"};
constexpr std::array<std::string_view, 4> request_members = {"method", "url", "body", "headers"};
constexpr std::array<std::string_view, 3> response_members = {"statusCode", "body", "headers"};
constexpr std::array<std::string_view, 1> name_only = {"name"};

// Argo's documented variables, beside parameters and tasks. Which of them a template may use
// depends on where it stands; that is not looked at.
constexpr std::array<variable, 17> variables = {{{"inputs", input_members},
                                                 {"outputs", output_members},
                                                 {"workflow", workflow_members},
                                                 {"cronworkflow", cron_members},
                                                 {"item", {}, true},
                                                 {"pod", name_only},
                                                 {"node", name_only},
                                                 {"retries", {}, true},
                                                 {"lastRetry", retry_members},
                                                 {"status", {}, true},
                                                 {"duration", {}, true},
                                                 {"exitCode", {}, true},
                                                 {"resourcesDuration", {}},
                                                 {"request", request_members},
                                                 {"response", response_members},
                                                 {"tasks", {}},
                                                 {"steps", {}}}};

std::optional<std::uint32_t> find(
    const std::vector<std::pair<std::string_view, std::uint32_t>>& index, std::string_view name) {
  const auto found = std::lower_bound(
      index.begin(), index.end(), name,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != index.end() && found->first == name ? std::optional(found->second) : std::nullopt;
}

// What `find` returns for the longest of "a", "a.b", "a.b.c" … that it finds: a dot may be part of
// a name, and the longest is what a context would take. Without `has_dots`, no name has one.
template <class Find>
auto find_longest(std::span<const std::string_view> path, bool has_dots, Find find) {
  auto longest = find(path.front());
  if (!has_dots) {
    return longest;
  }
  std::string name(path.front());
  for (const std::string_view step : path.subspan(1)) {
    name += '.';
    name += step;
    if (auto found = find(name)) {
      longest = found;
    }
  }
  return longest;
}

// Some 0.1 ms, enough to compare a name with a hundred others. A manifest may have many small
// definitions, which share the names of its parameters: what guesses take grows with its tasks.
constexpr std::size_t guess_steps_for_task = 25'000;

// For how many candidates the budget suffices, if few of them are of like length.
constexpr std::size_t guess_steps_for_candidate = 25;

template <class Named>
std::vector<std::pair<std::string_view, std::uint32_t>> sorted_names(
    const std::vector<Named>& named) {
  std::vector<std::pair<std::string_view, std::uint32_t>> sorted;
  sorted.reserve(named.size());
  for (const Named& each : named) {
    sorted.emplace_back(each.name, static_cast<std::uint32_t>(sorted.size()));
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

template <class Named>
bool any_has_dots(const std::vector<Named>& named) {
  return std::any_of(named.begin(), named.end(),
                     [](const Named& each) { return each.name.find('.') != std::string::npos; });
}

}  // namespace

known_names::known_names(const definition& of)
    : of_(of),
      tasks_(sorted_names(of.tasks)),
      parameters_(sorted_names(of.parameters)),
      tasks_have_dots_(any_has_dots(of.tasks)),
      parameters_have_dots_(any_has_dots(of.parameters)),
      guesses_(std::min(support::guess_budget::steps_max,
                        guess_steps_for_task * std::max(of.tasks.size(), std::size_t{1}))) {}

finding known_names::look_up(const reading& what) {
  const std::span<const std::string_view> path = what.path;
  const bool has_second = path.size() > 1;
  if (has_second && (path[0] == "tasks" || path[0] == "steps")) {
    return look_up_task(path);
  }
  const bool is_own = of_.workflow_parameters == nullptr;
  if (is_own && path[0] == "parameters") {
    return {problem_of_parameter(what, 1), {}};
  }
  if (has_second && path[0] == "inputs" && path[1] == "parameters") {
    return {problem_of_parameter(what, 2), {}};
  }
  if (has_second && path[0] == "workflow" && path[1] == "parameters") {
    return {is_own ? problem_of_parameter(what, 2) : problem_of_workflow_parameter(what), {}};
  }
  return look_up_variable(path);
}

std::string known_names::problem_of_parameter(const reading& what, std::size_t name_at) {
  const std::span<const std::string_view> path = what.path;
  if (what.has_default || path.size() == name_at ||
      find_longest(path.subspan(name_at), parameters_have_dots_,
                   [&](std::string_view name) { return find(parameters_, name); })) {
    return {};
  }
  return fmt::format("there is no parameter {}{}", in_quotes(path[name_at]),
                     did_you_mean(nearest(path[name_at], of_.parameters)));
}

std::string known_names::problem_of_workflow_parameter(const reading& what) {
  const std::span<const std::string_view> path = what.path;
  const shared_parameters& known = *of_.workflow_parameters;
  if (!known.complete() || what.has_default || path.size() == 2 ||
      find_longest(path.subspan(2), true,
                   [&](std::string_view name) { return known.find(name); }) != nullptr) {
    return {};
  }
  return fmt::format("the workflow has no parameter {}{}", in_quotes(path[2]),
                     did_you_mean(nearest(path[2], known.all())));
}

finding known_names::look_up_task(std::span<const std::string_view> path) {
  const std::optional<std::uint32_t> task = find_longest(
      path.subspan(1), tasks_have_dots_, [&](std::string_view name) { return find(tasks_, name); });
  if (task) {
    return {{}, *task};
  }
  if (path.size() == 2 && path[1] == "name") {  // Of the task itself.
    return {};
  }
  return {fmt::format("there is no task {}{}", in_quotes(path[1]),
                      did_you_mean(nearest(path[1], of_.tasks))),
          {}};
}

finding known_names::look_up_variable(std::span<const std::string_view> path) {
  const auto* const root =
      std::find_if(variables.begin(), variables.end(),
                   [&](const variable& each) { return each.name == path.front(); });
  if (root == variables.end()) {
    return unknown_variable(path.front());
  }
  if (path.size() == 1) {
    return {root->has_value ? std::string()
                            : fmt::format("{} alone has no value", in_quotes(root->name)),
            {}};
  }
  const name_list members = root->members;
  if (members.empty() || std::find(members.begin(), members.end(), path[1]) != members.end()) {
    return {};
  }
  const std::string_view near = support::nearest_name(path[1], members, guesses_);
  return {fmt::format(
              "there is no variable {}{}", in_quotes(fmt::format("{}.{}", path[0], path[1])),
              did_you_mean(near.empty() ? std::string() : fmt::format("{}.{}", root->name, near))),
          {}};
}

// An author may have left out what stands before a parameter or a task.
finding known_names::unknown_variable(std::string_view name) {
  const std::string sentence = fmt::format("there is no variable {}", in_quotes(name));
  if (name == "parameters") {  // Of Argo's, where it does not stand alone.
    return {sentence + did_you_mean("inputs.parameters"), {}};
  }
  if (find(parameters_, name)) {
    return {sentence + did_you_mean(fmt::format("inputs.parameters.{}", name)), {}};
  }
  if (find(tasks_, name)) {
    return {sentence + did_you_mean(fmt::format("tasks.{}", name)), {}};
  }
  std::vector<std::string_view> known;
  if (of_.workflow_parameters == nullptr) {
    known.emplace_back("parameters");
  }
  for (const variable& each : variables) {
    known.push_back(each.name);
  }
  std::string near(support::nearest_name(name, known, guesses_));
  if (near.empty()) {
    const std::string_view parameter = nearest(name, of_.parameters);
    near = parameter.empty() ? std::string() : fmt::format("inputs.parameters.{}", parameter);
  }
  if (near.empty()) {
    const std::string_view task = nearest(name, of_.tasks);
    near = task.empty() ? std::string() : fmt::format("tasks.{}", task);
  }
  return {sentence + did_you_mean(near), {}, near.empty()};
}

template <class Named>
std::string_view known_names::nearest(std::string_view wanted, const std::vector<Named>& named) {
  const std::span<const Named> reachable =
      std::span(named).first(std::min(named.size(), guesses_.left() / guess_steps_for_candidate));
  std::vector<std::string_view> candidates;
  candidates.reserve(reachable.size());
  for (const Named& each : reachable) {
    candidates.push_back(each.name);
  }
  return support::nearest_name(wanted, candidates, guesses_);
}

}  // namespace engine::workflow::internal
