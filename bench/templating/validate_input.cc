#include "bench/templating/validate_input.h"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "fixtures/workflow.h"
#include "subsystems/dag/builder.h"

namespace headroom::templating_bench {

validate_input::validate_input(std::uint32_t tasks) {
  const engine::fixtures::workflow made({.tasks = tasks});
  engine::dag::builder().build(tasks, made.edges(), graph_).value();
  sound_.name = "report";
  sound_.source = "generated";
  for (const char* name : {"tag", "region", "tries"}) {
    sound_.parameters.push_back({.name = name, .value = {}, .pattern = {}, .where = {}});
  }
  for (const auto& each : made.tasks()) {
    engine::workflow::task added;
    added.name = each.name;
    added.depends_on.assign(each.depends_on.begin(), each.depends_on.end());
    sound_.tasks.push_back(std::move(added));
  }
  for (std::uint32_t task = 0; task < tasks; ++task) {
    fill(task);
  }
  // A task of the first level has nothing upstream, so least of all one of the last.
  broken_ = sound_;
  broken_.tasks[graph_.order().front()].with.as_object()["extra"] =
      fmt::format("{{{{tasks.{}.outputs.result}}}}", sound_.tasks[graph_.order().back()].name);
}

void validate_input::fill(std::uint32_t task) {
  boost::json::object with = {
      {"image", "registry.example.org/team/report:{{inputs.parameters.tag}}"},
      {"command", "run --region {{inputs.parameters.region}} --tries {{inputs.parameters.tries}}"}};
  references_ += 3;
  const auto dependencies = graph_.dependencies(task);
  if (!dependencies.empty()) {
    with["input"] =
        fmt::format("{{{{tasks.{}.outputs.result}}}}", sound_.tasks[dependencies.front()].name);
    with["path"] = fmt::format("/mnt/{{{{tasks.{}.outputs.parameters.path}}}}/in",
                               sound_.tasks[indirect(task)].name);
    references_ += 2;
  }
  sound_.tasks[task].with = std::move(with);
}

// The task at the end of the path of first dependencies, up to ten of them.
std::uint32_t validate_input::indirect(std::uint32_t task) const {
  constexpr int steps_max = 10;
  for (int step = 0; step < steps_max && !graph_.dependencies(task).empty(); ++step) {
    task = graph_.dependencies(task).front();
  }
  return task;
}

std::string validate_input::mismatch(const verdicts& answer) const {
  if (!answer.sound_accepted) {
    return "a sound definition was refused";
  }
  return answer.broken_accepted ? "a reference to a task that is not upstream was accepted" : "";
}

std::vector<std::string_view> texts_of(const engine::workflow::task& from) {
  std::vector<std::string_view> texts;
  for (const auto& member : from.with.get_object()) {
    texts.emplace_back(member.value().get_string());
  }
  return texts;
}

}  // namespace headroom::templating_bench
