// Candidate `scope_per_task`: references checked as Argo does it, by a scope for each task: all
// that is upstream is collected anew, task by task, and every placeholder that RE2 finds is looked
// up in it. Names are views, and memory is kept from task to task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "bench/templating/re2.h"
#include "bench/templating/text_input.h"
#include "bench/templating/validate_input.h"

namespace headroom::templating_bench {

class scope_per_task {
 public:
  static constexpr std::string_view name = "scope_per_task";

  explicit scope_per_task(const validate_input& input)
      : input_(input), visited_(input.sound().tasks.size()) {}

  void run() { sound_accepted_ = accepts(input_.sound()); }

  [[nodiscard]] validate_input::verdicts answer() {
    return {sound_accepted_, accepts(input_.broken())};
  }

 private:
  bool accepts(const engine::workflow::definition& checked) {
    parameters_.clear();
    for (const auto& each : checked.parameters) {
      parameters_.insert(each.name);
    }
    for (std::uint32_t task = 0; task < checked.tasks.size(); ++task) {
      collect_scope(checked, task);
      for (const auto& member : checked.tasks[task].with.get_object()) {
        if (!accepts_text(member.value().get_string())) {
          return false;
        }
      }
    }
    return true;
  }

  void collect_scope(const engine::workflow::definition& checked, std::uint32_t task) {
    scope_.clear();
    ++round_;
    left_.assign(1, task);
    while (!left_.empty()) {
      const std::uint32_t next = left_.back();
      left_.pop_back();
      for (const std::uint32_t dependency : input_.graph().dependencies(next)) {
        if (visited_[dependency] != round_) {
          visited_[dependency] = round_;
          scope_.insert(checked.tasks[dependency].name);
          left_.push_back(dependency);
        }
      }
    }
  }

  bool accepts_text(std::string_view text) {
    bool known = true;
    matcher_.for_each(text, [&](std::size_t begin, std::size_t end) {
      std::string_view path = path_in(text.substr(begin, end - begin));
      constexpr std::string_view task = "tasks.";
      constexpr std::string_view parameter = "inputs.parameters.";
      if (path.starts_with(parameter)) {
        known = known && parameters_.contains(path.substr(parameter.size()));
      } else if (path.starts_with(task)) {
        path.remove_prefix(task.size());
        known = known && scope_.contains(path.substr(0, path.find('.')));
      } else {
        known = false;
      }
    });
    return known;
  }

  using names = boost::unordered_flat_set<std::string_view, text_hash, std::equal_to<>>;

  const validate_input& input_;
  re2_matcher matcher_;
  names parameters_;
  names scope_;
  std::vector<std::uint32_t> left_;
  std::vector<std::uint64_t> visited_;
  std::uint64_t round_ = 0;
  bool sound_accepted_ = false;
};

}  // namespace headroom::templating_bench
