#include "subsystems/templating/path_memory_internal.h"

namespace engine::templating::internal {

const path_memory::entry* path_memory::find_behind(std::uint64_t hash,
                                                   std::string_view path) const {
  for (std::size_t probe = 1; probe < probes_max; ++probe) {
    const entry& candidate = entries_[(hash + probe) & mask_];
    if (candidate.age != age_) {
      return nullptr;
    }
    if (is(candidate, hash, path)) {
      return &candidate;
    }
  }
  return nullptr;
}

const path_memory::entry& path_memory::add(std::uint64_t hash, std::string_view path,
                                           const boost::json::value& value, const cell& as_text) {
  if (2 * (size_ + 1) > entries_.size()) {
    grow();
  }
  entry& added = place_for(hash);
  added = {age_, hash, path, &value, as_text};
  return added;
}

void path_memory::clear() {
  ++age_;
  size_ = 0;
}

void path_memory::grow() {
  std::vector<entry> before(2 * entries_.size());
  before.swap(entries_);
  mask_ = entries_.size() - 1;
  size_ = 0;
  for (const entry& each : before) {
    if (each.age == age_) {
      place_for(each.hash) = each;
    }
  }
}

path_memory::entry& path_memory::place_for(std::uint64_t hash) {
  std::size_t at = hash & mask_;
  for (std::size_t left = probes_max; left > 0; --left, at = (at + 1) & mask_) {
    if (entries_[at].age != age_) {
      ++size_;
      return entries_[at];
    }
  }
  return entries_[hash & mask_];  // All are taken: the first of them goes.
}

}  // namespace engine::templating::internal
