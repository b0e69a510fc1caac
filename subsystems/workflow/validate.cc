#include "subsystems/workflow/validate.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/references.h"

namespace engine::workflow {
namespace {

error describe(const definition& checked, const dag::error& problems) {
  const std::vector<dag::node_id>& offenders = problems.problems.front().tasks;
  return {.code = errc::bad_graph,
          .source = checked.source,
          .where = offenders.empty() ? checked.where : checked.tasks[offenders.front()].where,
          .message =
              fmt::format("workflow {}: {}", support::in_quotes(checked.name), problems.message())};
}

}  // namespace

result<void> validate(const definition& checked, dag::builder& builder, dag::graph& out) {
  std::size_t dependencies = 0;
  for (const task& each : checked.tasks) {
    dependencies += each.depends_on.size();
  }
  std::vector<std::string_view> names;
  names.reserve(dependencies);
  std::vector<dag::task> tasks;
  tasks.reserve(checked.tasks.size());
  for (const task& each : checked.tasks) {
    const std::size_t first = names.size();
    names.insert(names.end(), each.depends_on.begin(), each.depends_on.end());
    tasks.push_back({each.name, std::span(names).subspan(first)});
  }
  dag::graph built;
  if (const dag::checked<void> sound = builder.build(tasks, built); !sound) {
    return describe(checked, sound.error());
  }
  if (result<void> known = check_references(checked, built); !known) {
    return known;
  }
  out = std::move(built);
  return {};
}

}  // namespace engine::workflow
