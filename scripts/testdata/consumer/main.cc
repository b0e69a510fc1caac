// What a user of the installed libraries writes: no path into our source tree, no flag of ours.
#include <cstdio>
#include <string_view>
#include <vector>

#include "subsystems/dag/builder.h"

int main() {
  const std::vector<std::string_view> after_fetch{"fetch"};
  const std::vector<engine::dag::task> tasks{{"report", after_fetch}, {"fetch", {}}};
  engine::dag::builder builder;
  engine::dag::graph graph;
  if (!builder.build(tasks, graph) || graph.level_count() != 2 || graph.order()[0] != 1) {
    std::puts("wrong graph");
    return 1;
  }
  return 0;
}
