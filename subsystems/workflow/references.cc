#include "subsystems/workflow/references.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/templating/reference_reader.h"
#include "subsystems/templating/scanner.h"
#include "subsystems/workflow/json_strings_internal.h"
#include "subsystems/workflow/known_names_internal.h"
#include "subsystems/workflow/placeholders_internal.h"
#include "subsystems/workflow/upstream_internal.h"

namespace engine::workflow {
namespace {

// A placeholder of a task's input.
struct mention {
  std::size_t rank;  // among all of the definition
  dag::node_id task;
  position where;
  std::string_view text;  // from "{{" to behind "}}", or to the end if there is none
};

struct problem {
  mention of;
  errc code;
  std::string sentence;
  bool is_foreign = false;  // perhaps its braces were meant as text
};

// Names a task that is not a direct dependency of the one that mentions it.
struct far_reference {
  mention of;
  dag::node_id target;
};

// Once is enough, in the first problem that it may help with.
constexpr std::string_view braces_hint = "; braces that are text are written {{ '{{' }}";

class reference_check {
 public:
  reference_check(const definition& checked, const dag::graph& graph)
      : checked_(checked),
        graph_(graph),
        marked_for_(graph.size()),
        direct_of_(graph.size(), graph.size()) {
    assert(checked.tasks.size() == graph.size());
  }

  result<void> run() {
    for (dag::node_id task = 0; task < graph_.size() && !is_full(); ++task) {
      check_task(task);
    }
    check_far_references();
    return outcome();
  }

 private:
  // With one more than an error tells of, it is known that there are more.
  [[nodiscard]] bool is_full() const { return problems_.size() > reference_problems_max; }

  void check_task(dag::node_id task) {
    internal::json_strings strings(checked_.tasks[task].with);
    std::size_t openings = 0;
    for (std::string_view text; !is_full() && strings.next(text);) {
      check_text(task, text, openings);
      openings += internal::count_openings(text);
    }
  }

  // `openings`: how many "{{" stand in the task's strings before this one.
  void check_text(dag::node_id task, std::string_view text, std::size_t openings) {
    templating::scanner scan(text);
    std::size_t counted = 0;
    const auto check_at = [&](std::size_t begin, std::size_t end) {
      openings += internal::count_openings(text.substr(counted, begin - counted));
      counted = begin;
      check({mentions_++, task, place_of(task, openings), text.substr(begin, end - begin)});
    };
    for (templating::placeholder found{}; !is_full() && scan.next(found);) {
      check_at(found.begin, found.end);
    }
    if (scan.unterminated()) {
      check_at(scan.unterminated_at(), text.size());
    }
  }

  [[nodiscard]] position place_of(dag::node_id task, std::size_t opening) const {
    const std::vector<position>& known = checked_.tasks[task].placeholders;
    return opening < known.size() ? known[opening] : checked_.tasks[task].where;
  }

  // Each placeholder is read alone, so that one bad one hides no other.
  void check(const mention& placeholder) {
    const templating::result<templating::reference_reader::reading> read =
        reader_.read(placeholder.text);
    if (!read) {
      const templating::error& refusal = read.error();
      return refuse(
          placeholder, errc::bad_template,
          refusal.code == templating::errc::unterminated
              ? refusal.message
              : fmt::format("{}: {}", support::excerpt(placeholder.text), refusal.message));
    }
    if (!read->path.empty()) {
      check_reference(placeholder, *read);
    }
  }

  void check_reference(const mention& placeholder,
                       const templating::reference_reader::reading& what) {
    if (!names_) {
      names_.emplace(checked_);
    }
    const internal::finding found = names_->look_up(what);
    if (!found.problem.empty()) {
      refuse_reference(placeholder, found.problem);
      problems_.back().is_foreign = found.is_foreign;
    } else if (found.task == placeholder.task) {
      refuse_reference(placeholder, "a task cannot refer to itself");
    } else if (found.task && !is_direct(*found.task, placeholder.task)) {
      far_references_.push_back({placeholder, *found.task});
    }
  }

  // Each task marks its dependencies once, however often it refers to them.
  [[nodiscard]] bool is_direct(dag::node_id target, dag::node_id task) {
    if (marked_for_ != task) {
      marked_for_ = task;
      for (const dag::node_id dependency : graph_.dependencies(task)) {
        direct_of_[dependency] = task;
      }
    }
    return direct_of_[target] == task;
  }

  void check_far_references() {
    std::vector<dag::edge> asked;
    asked.reserve(far_references_.size());
    for (const far_reference& each : far_references_) {
      asked.push_back({.dependency = each.target, .dependent = each.of.task});
    }
    const std::vector<bool> is_upstream = internal::are_upstream(graph_, asked);
    const std::size_t before = problems_.size();
    for (std::size_t at = 0; at < asked.size(); ++at) {
      if (!is_upstream[at] && problems_.size() - before <= reference_problems_max) {
        const auto& [of, target] = far_references_[at];
        refuse_reference(of, fmt::format("task {} is not upstream of {}", quoted_name(target),
                                         quoted_name(of.task)));
      }
    }
    std::sort(problems_.begin(), problems_.end(), [](const problem& left, const problem& right) {
      return left.of.rank < right.of.rank;
    });
  }

  [[nodiscard]] std::string quoted_name(dag::node_id task) const {
    return support::in_quotes(checked_.tasks[task].name);
  }

  void refuse_reference(const mention& of, std::string_view why) {
    refuse(of, errc::bad_reference, fmt::format("{}: {}", support::excerpt(of.text), why));
  }

  void refuse(const mention& of, errc code, std::string_view why) {
    problems_.push_back({of, code, fmt::format("task {}: {}", quoted_name(of.task), why),
                         code == errc::bad_template});
  }

  [[nodiscard]] result<void> outcome() const {
    if (problems_.empty()) {
      return {};
    }
    std::string message = fmt::format("workflow {}: ", support::in_quotes(checked_.name));
    bool has_hint = checked_.workflow_parameters != nullptr;  // Argo's may have such braces.
    for (std::size_t at = 0; at < std::min(problems_.size(), reference_problems_max); ++at) {
      const auto& [of, code, sentence, is_foreign] = problems_[at];
      if (at > 0 && of.where.line != 0) {
        message += fmt::format("\n{}:{}: ", of.where.line, of.where.column);
      } else if (at > 0) {
        message += '\n';
      }
      message += sentence;
      if (is_foreign && !has_hint) {
        message += braces_hint;
        has_hint = true;
      }
    }
    if (is_full()) {
      message += "\nand more";
    }
    return error{.code = problems_.front().code,
                 .source = checked_.source,
                 .where = problems_.front().of.where,
                 .message = std::move(message)};
  }

  const definition& checked_;
  const dag::graph& graph_;
  std::optional<internal::known_names> names_;  // Most definitions need none.
  templating::reference_reader reader_;
  std::size_t mentions_ = 0;
  std::vector<problem> problems_;
  std::vector<far_reference> far_references_;
  dag::node_id marked_for_;              // the task that direct_of_ is right about
  std::vector<dag::node_id> direct_of_;  // by node: the last task that marked it as a dependency
};

}  // namespace

result<void> check_references(const definition& checked, const dag::graph& graph) {
  return reference_check(checked, graph).run();
}

}  // namespace engine::workflow
