#include <algorithm>
#include <bit>
#include <utility>

#include "subsystems/templating/shared_cache_internal.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::internal {
namespace {

constexpr std::size_t shards_max = 1'024;

}  // namespace

cache_shard::pointer cache_shard::find(std::uint64_t hash, std::string_view text) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(hash);
  if (found == entries_.end() || found->second->text != text) {
    return nullptr;
  }
  found->second->count_use();
  return found->second;
}

cache_shard::pointer cache_shard::add(pointer made) {
  if (made->bytes > bytes_max_) {
    return made;
  }
  const std::lock_guard lock(mutex_);
  if (const auto known = entries_.find(made->hash); known != entries_.end()) {
    return known->second->text == made->text ? known->second : made;
  }
  while (!entries_.empty() &&
         (entries_.size() >= entries_max_ || made->bytes > bytes_max_ - bytes_)) {
    evict_one();
  }
  entries_.emplace(made->hash, made);  // What follows cannot throw.
  bytes_ += made->bytes;
  (ghosts_.contains(made->hash) ? main_ : small_).push_back(*made);
  return made;
}

void cache_shard::evict_one() {
  // A tenth of the room is for texts that may never be seen again.
  const bool small_is_full = 10 * small_.size() >= entries_.size();
  // Who was used is spared and looked at again, but has fewer uses then. Threads go on counting
  // uses meanwhile, so that could last.
  std::size_t spared_max = (cached_template::uses_max + 1) * entries_.size();
  const auto evict = [&](bool spares_used) {
    return (small_is_full && !small_.empty()) || main_.empty() ? evict_from_small(spares_used)
                                                               : evict_from_main(spares_used);
  };
  while (!evict(spared_max > 0)) {
    --spared_max;
  }
}

// Each of these looks at one entry, and returns whether it was evicted.
bool cache_shard::evict_from_small(bool spares_used) {
  cached_template& oldest = small_.pop_front();
  if (spares_used && oldest.uses.load(std::memory_order_relaxed) > 0) {
    oldest.uses.store(0, std::memory_order_relaxed);
    main_.push_back(oldest);
    return false;
  }
  const std::uint64_t hash = oldest.hash;
  drop(oldest);
  remember_ghost(hash);
  return true;
}

bool cache_shard::evict_from_main(bool spares_used) {
  cached_template& oldest = main_.pop_front();
  const std::uint8_t uses = oldest.uses.load(std::memory_order_relaxed);
  if (spares_used && uses > 0) {
    oldest.uses.store(static_cast<std::uint8_t>(uses - 1), std::memory_order_relaxed);
    main_.push_back(oldest);
    return false;
  }
  drop(oldest);
  return true;
}

// REQUIRES: it is in no queue.
void cache_shard::drop(cached_template& evicted) {
  const std::uint64_t hash = evicted.hash;
  bytes_ -= evicted.bytes;
  ++evictions_;
  entries_.erase(hash);
}

void cache_shard::remember_ghost(std::uint64_t hash) {
  if (ghosts_.contains(hash)) {
    return;
  }
  ghost_order_.push_back(hash);
  ghosts_.insert(hash);  // If this throws, a place in the order is taken for nothing.
  while (ghost_order_.size() > entries_.size() + 1) {
    ghosts_.erase(ghost_order_.front());
    ghost_order_.pop_front();
  }
}

void cache_shard::add_to(template_cache::statistics& sums) const {
  const std::lock_guard lock(mutex_);
  sums.evictions += evictions_;
  sums.entries += entries_.size();
  sums.bytes += bytes_;
}

shared_cache::shared_cache(const template_cache::options& chosen)
    : options_(chosen),
      shards_(std::bit_ceil(std::clamp<std::size_t>(chosen.shards, 1, shards_max))) {
  if (options_.hash_seed == 0) {
    options_.hash_seed = drawn_seed();
  }
  const std::size_t count = shards_.size();
  for (cache_shard& each : shards_) {
    const std::size_t rest = chosen.entries_max % count > 0 ? 1 : 0;
    each.set_bounds(std::max<std::size_t>(1, chosen.entries_max / count + rest),
                    chosen.bytes_max / count);
  }
}

void shared_cache::attach(const template_cache::client& added) {
  const std::lock_guard lock(clients_mutex_);
  clients_.push_back(&added);
}

void shared_cache::detach(const template_cache::client& removed, std::uint64_t hits,
                          std::uint64_t misses) {
  const std::lock_guard lock(clients_mutex_);
  std::erase(clients_, &removed);
  past_hits_ += hits;
  past_misses_ += misses;
}

template_cache::statistics shared_cache::counted() const {
  template_cache::statistics sums;
  {
    const std::lock_guard lock(clients_mutex_);
    sums.hits = past_hits_;
    sums.misses = past_misses_;
  }
  for (const cache_shard& each : shards_) {
    each.add_to(sums);
  }
  return sums;
}

}  // namespace engine::templating::internal
