#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_braces_internal.h"
#include "subsystems/workflow/argo_scope_internal.h"
#include "subsystems/workflow/known_names_internal.h"
#include "subsystems/workflow/placeholders_internal.h"

namespace engine::workflow::internal {
namespace {

using support::did_you_mean;
using support::excerpt;
using support::in_quotes;

constexpr std::array<std::string_view, 8> result_members = {
    "id", "startedAt", "finishedAt", "hostNodeName", "status", "ip", "exitCode", "outputs"};

// A task or step, as far as others refer to it.
struct work {
  const node* from;
  const argo_template* runs;  // null if it is of another document
  bool has_items;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  const std::size_t end = text.find_last_not_of(blanks);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

bool holds(const std::vector<std::string_view>& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

class scope_check {
 public:
  scope_check(const argo_template& one, const definition& read, argo_templates& templates,
              load_context& load)
      : one_(one),
        read_(read),
        load_(load),
        subject_(fmt::format("template {}", in_quotes(one.name))) {
    if (one.kind == "dag") {
      for (const node* each : items_at(value_at(one.from, "dag"), "tasks")) {
        works_.push_back({each, templates.run_by(*each), has_items(*each)});
      }
    } else if (one.kind == "steps") {
      for (const node* const& group : items_at(one.from, "steps")) {
        for (const node* each : steps_of(group)) {
          works_.push_back({each, templates.run_by(*each), has_items(*each)});
        }
      }
    }
  }

  void check() {
    if (!one_.is_graph()) {
      return walk(*one_.from, {});
    }
    const std::string_view noun = one_.kind == "dag" ? "task" : "step";
    for (const work& each : works_) {
      const std::string name =
          fmt::format("{}: {} {}", subject_, noun, in_quotes(text_at(each.from, "name")));
      for (const member& field : each.from->members) {
        if (field.key != "inline") {
          walk(*field.value, {&each, &name, field.key == "arguments"});
        }
      }
    }
    for (const node* each :
         {value_at(one_.from, "outputs"), value_at(value_at(one_.from, "dag"), "target")}) {
      if (each != nullptr) {
        walk(*each, {});
      }
    }
  }

 private:
  // Where a text stands.
  struct place {
    const work* inside = nullptr;  // null outside of tasks and steps
    const std::string* subject = nullptr;
    bool is_argument = false;
  };

  void walk(const node& from, const place& where) {
    std::vector<const node*> waiting = {&from};
    while (!waiting.empty() && !load_.stopped()) {
      const node& next = *waiting.back();
      waiting.pop_back();
      if (!next.placeholders.empty()) {
        check_text(next, where);
      }
      waiting.insert(waiting.end(), next.items.begin(), next.items.end());
      for (const member& each : next.members) {
        waiting.push_back(each.value);
      }
    }
  }

  void check_text(const node& scalar, const place& where) {
    const std::string_view text = scalar.text;
    std::size_t opening = 0;
    std::size_t end = 0;  // Often that of many openings.
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; ++opening) {
      end = end < at + 2 ? text.find("}}", at + 2) : end;
      if (end == std::string_view::npos) {
        return;
      }
      const std::string_view inside = text.substr(at + 2, end - at - 2);
      if (is_argo_opening(text.substr(at + 2)) && !inside.starts_with('=') &&
          inside.find("{{") == std::string_view::npos) {
        check_placeholder(inside, where, scalar.placeholders[opening]);
      }
      at = text.find("{{", at + 2);
    }
  }

  void check_placeholder(std::string_view inside, const place& where, position at) {
    const std::size_t bar = std::min(inside.find('|'), inside.size());
    const std::string_view path = trimmed(inside.substr(0, bar));
    if (path.find_first_of("['\"") != std::string_view::npos) {
      return;
    }
    const bool has_default =
        trimmed(inside.substr(std::min(bar + 1, inside.size()))).starts_with("default");
    const std::string problem = problem_of(steps_of_path(path), has_default, where);
    if (!problem.empty()) {
      load_.refuse(errc::bad_reference, at,
                   fmt::format("{}: {}: {}", where.subject == nullptr ? subject_ : *where.subject,
                               excerpt(fmt::format("{{{{{}}}}}", inside)), problem));
    }
  }

  std::string problem_of(const std::vector<std::string_view>& path, bool has_default,
                         const place& where) {
    if (path[0] == "item") {
      // Alone, it is text where nothing is repeated, and may be another tool's.
      const bool is_known = where.inside != nullptr ? where.inside->has_items : path.size() == 1;
      return is_known ? ""
                      : "\"item\" has a value only where withItems, withParam or withSequence "
                        "repeat a task";
    }
    if (path.size() > 1 && (path[0] == "tasks" || path[0] == "steps")) {
      return problem_of_work(path, has_default, where);
    }
    if (path.size() > 2 && path[0] == "inputs" && path[1] == "artifacts" &&
        !holds(one_.input_artifacts, path[2])) {
      return fmt::format(
          "there is no artifact {}{}", in_quotes(path[2]),
          did_you_mean(support::nearest_name(path[2], few(one_.input_artifacts), load_.guesses())));
    }
    if (where.is_argument || is_json_variable(path)) {
      return {};
    }
    return names().look_up({path, has_default}).problem;
  }

  std::string problem_of_work(const std::vector<std::string_view>& path, bool has_default,
                              const place& where) {
    if (path[1] == "name" && path.size() == 2) {
      return {};
    }
    if (!one_.is_graph()) {
      return "a template without dag or steps sees no tasks; give it a parameter";
    }
    const std::string_view own = one_.kind == "dag" ? "tasks" : "steps";
    if (path[0] != own) {
      return fmt::format("a template with {} has no {}{}", one_.kind, path[0],
                         did_you_mean(fmt::format("{}.{}", own, path[1])));
    }
    const finding found = names().look_up({path, has_default});
    if (!found.task) {
      return where.is_argument ? std::string() : found.problem;
    }
    if (const std::size_t at = where.inside == nullptr ? works_.size() : index_of(*where.inside);
        own == "steps" && !where.is_argument && *found.task > at) {
      return fmt::format("step {} comes later", in_quotes(path[1]));
    }
    return has_default ? "" : problem_of_result(works_[*found.task], std::span(path).subspan(2));
  }

  // What a task gives to others.
  [[nodiscard]] std::string problem_of_result(const work& of,
                                              std::span<const std::string_view> path) {
    if (path.empty()) {
      return {};
    }
    if (std::find(result_members.begin(), result_members.end(), path[0]) == result_members.end()) {
      return fmt::format(
          "a task has no {}{}", in_quotes(path[0]),
          did_you_mean(support::nearest_name(path[0], result_members, load_.guesses())));
    }
    if (path[0] == "outputs" && path.size() > 1 &&
        std::find(output_members.begin(), output_members.end(), path[1]) == output_members.end()) {
      return fmt::format(
          "there are no outputs called {}{}", in_quotes(path[1]),
          did_you_mean(support::nearest_name(path[1], output_members, load_.guesses())));
    }
    if (of.runs == nullptr) {
      return {};
    }
    const std::string name = shown_name(*of.runs);
    if (path[0] == "ip" && !of.runs->is_daemon) {
      return fmt::format("{} is no daemon, so it has no ip", name);
    }
    if (path[0] != "outputs") {
      return {};
    }
    if (path.size() > 1 && path[1] == "result" && !of.runs->has_result) {
      return fmt::format("{} has no result", name);
    }
    if (path.size() < 3 || path[1] == "result") {
      return {};
    }
    const bool is_parameter = path[1] == "parameters";
    const auto& known = is_parameter ? of.runs->output_parameters : of.runs->output_artifacts;
    if (holds(known, path[2])) {
      return {};
    }
    return fmt::format("{} has no output {} {}{}", name, is_parameter ? "parameter" : "artifact",
                       in_quotes(path[2]),
                       did_you_mean(support::nearest_name(path[2], few(known), load_.guesses())));
  }

  // So many that a hint costs little.
  static std::span<const std::string_view> few(const std::vector<std::string_view>& names) {
    return std::span(names).first(std::min(names.size(), std::size_t{1'000}));
  }

  static bool is_json_variable(const std::vector<std::string_view>& path) {
    return path.size() == 3 && path[0] == "workflow" && path[1] == "parameters" &&
           path[2] == "json";
  }

  [[nodiscard]] std::size_t index_of(const work& one) const {
    return static_cast<std::size_t>(&one - works_.data());
  }

  known_names& names() {
    if (!names_) {
      names_.emplace(read_);
    }
    return *names_;
  }

  const argo_template& one_;
  const definition& read_;
  load_context& load_;
  std::string subject_;
  std::vector<work> works_;
  std::optional<known_names> names_;  // Many templates need none.
};

}  // namespace

void check_scope(const argo_template& one, const definition& read, argo_templates& templates,
                 load_context& load) {
  scope_check(one, read, templates, load).check();
}

}  // namespace engine::workflow::internal
