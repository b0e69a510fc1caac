#include <utility>

#include "subsystems/templating/path_memory_internal.h"

namespace engine::templating::internal {

const path_memory::entry& path_memory::add(const entry& added) {
  if (2 * ++size_ > entries_.size()) {
    std::vector<entry> before(2 * entries_.size());
    before.swap(entries_);
    mask_ = entries_.size() - 1;
    for (const entry& each : before) {
      if (!each.path.empty()) {
        free_place(each.hash) = each;
      }
    }
  }
  return free_place(added.hash) = added;
}

void path_memory::clear() {
  if (size_ > 0) {
    entries_.assign(least, entry{});
    mask_ = least - 1;
    size_ = 0;
  }
}

path_memory::entry& path_memory::free_place(std::uint64_t hash) {
  std::size_t at = hash & mask_;
  while (!entries_[at].path.empty()) {
    at = (at + 1) & mask_;
  }
  return entries_[at];
}

}  // namespace engine::templating::internal
