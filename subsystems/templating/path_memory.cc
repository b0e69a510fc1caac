#include "subsystems/templating/path_memory_internal.h"

namespace engine::templating::internal {

const path_memory::entry& path_memory::add(std::uint64_t hash, std::string_view path,
                                           const boost::json::value& value, const cell& as_text) {
  if (2 * ++size_ > entries_.size()) {
    std::vector<entry> before(2 * entries_.size());
    before.swap(entries_);
    mask_ = entries_.size() - 1;
    for (const entry& each : before) {
      if (each.age == age_) {
        free_place(each.hash) = each;
      }
    }
  }
  entry& added = free_place(hash);
  added = {age_, hash, path, &value, as_text};
  return added;
}

void path_memory::clear() {
  ++age_;
  size_ = 0;
}

path_memory::entry& path_memory::free_place(std::uint64_t hash) {
  std::size_t at = hash & mask_;
  while (entries_[at].age == age_) {
    at = (at + 1) & mask_;
  }
  return entries_[at];
}

}  // namespace engine::templating::internal
