#include "subsystems/dag/levels.h"

namespace engine::dag {

result<void> assign_levels(const graph& tasks, std::span<std::uint32_t> level_of) {
  if (level_of.size() != tasks.size()) {
    return errc::wrong_size;
  }
  for (std::uint32_t level = 0; level < tasks.level_count(); ++level) {
    for (const node_id node : tasks.level(level)) {
      level_of[node] = level;
    }
  }
  return {};
}

}  // namespace engine::dag
