#include "subsystems/dag/levels.h"

namespace engine::dag {

result<void> assign_levels(const graph& tasks, std::span<std::uint32_t> level_of) {
  if (level_of.size() != tasks.size()) {
    return errc::wrong_size;
  }
  // One loop, because the levels of a chain are too short for loops of their own.
  const node_id* next_level = tasks.order().data();
  std::uint32_t level = ~std::uint32_t{0};
  for (const node_id& node : tasks.order()) {
    if (&node == next_level) {
      ++level;
      next_level += tasks.level(level).size();
    }
    level_of[node] = level;
  }
  return {};
}

}  // namespace engine::dag
