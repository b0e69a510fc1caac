#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_check_internal.h"
#include "subsystems/workflow/argo_values_internal.h"
#include "subsystems/workflow/name_rules_internal.h"

namespace engine::workflow::internal {
namespace {

using support::did_you_mean;
using support::in_quotes;

constexpr std::array<std::string_view, 3> loop_keys = {"withItems", "withParam", "withSequence"};
// Of a template with tasks they say nothing.
constexpr std::array<std::string_view, 4> leaf_keys = {"activeDeadlineSeconds", "timeout",
                                                       "pendingTimeout", "resourceClaims"};
constexpr std::array<std::string_view, 2> items_statuses = {".AnySucceeded", ".AllFailed"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// The names in a depends expression whose status is one of their items'.
std::vector<std::string_view> names_of_loops(std::string_view expression) {
  std::vector<std::string_view> names;
  for (const std::string_view status : items_statuses) {
    for (std::size_t at = expression.find(status); at != std::string_view::npos;
         at = expression.find(status, at + 1)) {
      std::size_t begin = at;
      while (begin > 0 && is_name_character(expression[begin - 1])) {
        --begin;
      }
      names.push_back(expression.substr(begin, at - begin));
    }
  }
  return names;
}

class checker {
 public:
  checker(const node& spec, std::string_view subject, argo_templates& templates, load_context& load)
      : spec_(spec),
        subject_(subject),
        templates_(templates),
        load_(load),
        has_other_templates_(value_at(&spec, "workflowTemplateRef") != nullptr) {}

  void check() {
    check_arguments(value_at(&spec_, "arguments"), fmt::format("{}: arguments", subject_), true,
                    load_);
    check_template_name(value_at(&spec_, "entrypoint"), subject_);
    check_template_name(value_at(&spec_, "onExit"), subject_);
    check_hooks(spec_, subject_);
    check_names(&spec_, "templates", subject_, argo_name::of_work, load_);
    for (const argo_template& each : templates_.all()) {
      if (load_.stopped()) {
        return;
      }
      if (!each.name.empty()) {
        check_template(each, fmt::format("template {}", in_quotes(each.name)));
      }
    }
  }

 private:
  void check_template(const argo_template& one, const std::string& subject) {
    check_kind(one, subject);
    check_value_names(value_at(one.from, "inputs"), fmt::format("{}: inputs", subject), load_);
    check_outputs(value_at(one.from, "outputs"), fmt::format("{}: outputs", subject), one.kind,
                  load_);
    const std::span<const node* const> first = items_at(one.from, "initContainers");
    for (std::size_t at = 0; at < first.size(); ++at) {
      if (text_at(first[at], "name").empty()) {
        load_.refuse(errc::missing_key, first[at]->where,
                     fmt::format("{}: initContainers[{}]: name is missing", subject, at));
      }
    }
    if (one.kind == "dag") {
      check_dag(*value_at(one.from, "dag"), subject);
    } else if (one.kind == "steps") {
      for (const node* const& group : items_at(one.from, "steps")) {
        for (const node* step : steps_of(group)) {
          check_work(*step, "step", subject);
        }
      }
    }
  }

  void check_kind(const argo_template& one, const std::string& subject) {
    for (const std::string_view other : template_kinds()) {
      if (other != one.kind && value_at(one.from, other) != nullptr) {
        load_.refuse(errc::conflicting_keys, one.from->where,
                     fmt::format("{}: {} and {} exclude each other", subject, one.kind, other));
      }
    }
    if (one.is_graph()) {
      for (const std::string_view each : leaf_keys) {
        if (const node* const value = value_at(one.from, each)) {
          load_.refuse(
              errc::conflicting_keys, value->where,
              fmt::format("{}: {} cannot stand in a template with {}", subject, each, one.kind));
        }
      }
    }
  }

  void check_dag(const node& dag, const std::string& subject) {
    const std::span<const node* const> tasks = items_at(&dag, "tasks");
    const bool with_depends = std::any_of(tasks.begin(), tasks.end(), [](const node* each) {
      return !text_at(each, "depends").empty();
    });
    const std::vector<std::string_view> names = names_at(&dag, "tasks");
    check_target(dag, names, subject);
    std::vector<std::string_view> loops;
    for (const node* each : tasks) {
      if (has_items(*each)) {
        loops.push_back(text_at(each, "name"));
      }
    }
    std::sort(loops.begin(), loops.end());
    for (const node* each : tasks) {
      if (load_.stopped()) {
        return;
      }
      const std::string task = check_work(*each, "task", subject);
      const node* const name = value_at(each, "name");
      const bool depends = with_depends || !items_at(each, "dependencies").empty();
      if (depends && name != nullptr && !name->text.empty() && name->text.front() >= '0' &&
          name->text.front() <= '9') {
        load_.refuse(
            errc::bad_value, name->where,
            fmt::format("{}: a name in a dag with dependencies cannot begin with a digit", task));
      }
      if (const node* const go_on = value_at(each, "continueOn");
          go_on != nullptr && with_depends) {
        load_.refuse(errc::conflicting_keys, go_on->where,
                     fmt::format("{}: continueOn cannot stand in a dag that uses depends; a status "
                                 "in depends says the same",
                                 task));
      }
      check_items_statuses(*each, names, loops, task);
    }
  }

  void check_target(const node& dag, std::span<const std::string_view> names,
                    const std::string& subject) {
    const node* const target = value_at(&dag, "target");
    std::string_view rest = text_at(&dag, "target");
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view name = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!name.empty() && name.find("{{") == std::string_view::npos &&
          !std::binary_search(names.begin(), names.end(), name) && !load_.stopped()) {
        load_.refuse(
            errc::unknown_name, target->where,
            fmt::format("{}: target: there is no task {}{}", subject, in_quotes(name),
                        did_you_mean(support::nearest_name(name, names, load_.guesses()))));
      }
    }
  }

  void check_items_statuses(const node& task, std::span<const std::string_view> names,
                            std::span<const std::string_view> loops, const std::string& subject) {
    for (const std::string_view name : names_of_loops(text_at(&task, "depends"))) {
      if (std::binary_search(names.begin(), names.end(), name) &&
          !std::binary_search(loops.begin(), loops.end(), name) && !load_.stopped()) {
        load_.refuse(errc::bad_expression, value_at(&task, "depends")->where,
                     fmt::format("{}: AnySucceeded and AllFailed are of a task with items, and {} "
                                 "has none",
                                 subject, in_quotes(name)));
      }
    }
  }

  // Says what messages call the task or step.
  std::string check_work(const node& work, std::string_view noun, const std::string& owner) {
    const node* const name = value_at(&work, "name");
    if (work.kind != node_kind::map || name == nullptr || name->kind != node_kind::scalar) {
      return owner;
    }
    std::string subject = fmt::format("{}: {} {}", owner, noun, in_quotes(name->text));
    const std::string written = noun == "step" ? filled_in(name->text) : name->text;
    if (const std::string_view problem = problem_of_name(written, argo_name::of_work);
        !problem.empty()) {
      load_.refuse(errc::bad_value, name->where, fmt::format("{}: the name {}", subject, problem));
    }
    check_what_it_runs(work, subject);
    check_loop(work, subject);
    check_template_name(value_at(&work, "onExit"), subject);
    check_hooks(work, subject);
    const node* const arguments = value_at(&work, "arguments");
    check_arguments(arguments, fmt::format("{}: arguments", subject), false, load_);
    if (const argo_template* const run = templates_.run_by(work)) {
      check_supplied(*run, arguments, work.where, subject);
      if (run->from == value_at(&work, "inline")) {
        check_template(*run, fmt::format("{}: inline", subject));
      }
    }
    return subject;
  }

  void check_what_it_runs(const node& work, const std::string& subject) {
    const node* const reference = value_at(&work, "templateRef");
    if (reference != nullptr && !text_at(&work, "template").empty()) {
      load_.refuse(errc::conflicting_keys, reference->where,
                   fmt::format("{}: template and templateRef exclude each other", subject));
    }
    check_template_name(value_at(&work, "template"), subject);
  }

  void check_template_name(const node* name, std::string_view subject) {
    if (name == nullptr || name->text.empty() || has_other_templates_ || load_.stopped() ||
        name->text.find("{{") != std::string::npos || templates_.find(name->text) != nullptr) {
      return;
    }
    load_.refuse(errc::unknown_name, name->where,
                 fmt::format("{}: there is no template {}{}", subject, in_quotes(name->text),
                             did_you_mean(support::nearest_name(name->text, templates_.names(),
                                                                load_.guesses()))));
  }

  void check_hooks(const node& of, std::string_view subject) {
    const node* const hooks = value_at(&of, "hooks");
    if (hooks == nullptr) {
      return;
    }
    for (const member& each : hooks->members) {
      const std::string hook = fmt::format("{}: hook {}", subject, in_quotes(each.key));
      check_what_it_runs(*each.value, hook);
      if (each.key != "exit" && text_at(each.value, "expression").empty()) {
        load_.refuse(errc::missing_key, each.where, fmt::format("{}: expression is missing", hook));
      }
    }
  }

  void check_loop(const node& work, const std::string& subject) {
    std::string_view first;
    for (const std::string_view each : loop_keys) {
      const node* const value = value_at(&work, each);
      if (value != nullptr && !first.empty()) {
        load_.refuse(errc::conflicting_keys, value->where,
                     fmt::format("{}: {} and {} exclude each other", subject, first, each));
      }
      first = value != nullptr ? each : first;
    }
    const node* const sequence = value_at(&work, "withSequence");
    if (value_at(sequence, "count") != nullptr && value_at(sequence, "end") != nullptr) {
      load_.refuse(errc::conflicting_keys, sequence->where,
                   fmt::format("{}: withSequence: count and end exclude each other", subject));
    }
  }

  void check_supplied(const argo_template& run, const node* arguments, position where,
                      std::string_view subject) {
    if (run.required_parameters.empty()) {
      return;
    }
    const std::vector<std::string_view> given = names_at(arguments, "parameters");
    for (const std::string_view each : run.required_parameters) {
      if (load_.stopped()) {
        return;
      }
      if (!std::binary_search(given.begin(), given.end(), each)) {
        load_.refuse(errc::missing_key, where,
                     fmt::format("{}: {} takes a parameter {}, which is not given", subject,
                                 shown_name(run), in_quotes(each)));
      }
    }
  }

  const node& spec_;
  std::string_view subject_;
  argo_templates& templates_;
  load_context& load_;
  bool has_other_templates_;
};

}  // namespace

void check_argo(const node& spec, std::string_view subject, argo_templates& templates,
                load_context& load) {
  checker(spec, subject, templates, load).check();
}

}  // namespace engine::workflow::internal
