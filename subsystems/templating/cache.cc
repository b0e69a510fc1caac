#include "subsystems/templating/cache.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "subsystems/templating/shared_cache_internal.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating {
namespace {

constexpr std::size_t sets_max = std::size_t{1} << 20U;

// The only writer need not ask for the cache line twice.
void count(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

template_cache::client::client(template_cache& of)
    : shared_(*of.shared_), seed_(shared_.options().hash_seed) {
  const std::size_t entries = shared_.options().client_entries;
  const std::size_t wanted = entries / ways + (entries % ways > 0 ? 1 : 0);
  const std::size_t count = std::bit_ceil(std::clamp<std::size_t>(wanted, 1, sets_max));
  sets_ = std::make_unique<set[]>(count);
  set_mask_ = count - 1;
  shared_.attach(*this);
}

template_cache::client::~client() {
  shared_.detach(*this, hits_.load(std::memory_order_relaxed),
                 misses_.load(std::memory_order_relaxed));
}

inline const compiled_template* template_cache::client::find(set& in, std::uint64_t hash,
                                                             std::string_view text) {
  // Which way it is cannot be foreseen, so nothing branches on it.
  unsigned equal = 0;
  for (std::size_t way = 0; way < ways; ++way) {
    equal |= (in.hashes[way] == hash ? 1U : 0U) << way;
  }
  if (equal == 0) {
    return nullptr;
  }
  internal::cached_template* const entry = in.entries[std::countr_zero(equal)].get();
  if (entry == nullptr || entry->text != text) {
    return nullptr;
  }
  entry->count_use();
  return &entry->compiled;
}

result<const compiled_template*> template_cache::client::get(std::string_view text) {
  const std::uint64_t hash = internal::text_hash(text, seed_);
  set& near = sets_[hash & set_mask_];
  if (const compiled_template* found = find(near, hash, text)) [[likely]] {
    count(hits_);
    return found;
  }
  if (large_ != nullptr && large_->hash == hash && large_->text == text) {
    count(hits_);
    return &large_->compiled;
  }
  internal::cache_shard& shard = shared_.shard_of(hash);
  std::shared_ptr<internal::cached_template> found = shard.find(hash, text);
  count(found == nullptr ? misses_ : hits_);
  if (found == nullptr) {
    result<compiled_template> compiled = compile(text, shared_.options().bounds);
    if (!compiled) {
      return std::move(compiled).error();
    }
    found = shard.add(std::make_shared<internal::cached_template>(std::move(*compiled), hash));
  }
  if (found->bytes > shared_.options().client_entry_bytes_max) {
    large_ = std::move(found);
    return &large_->compiled;
  }
  std::move_backward(std::begin(near.entries), std::end(near.entries) - 1, std::end(near.entries));
  std::move_backward(std::begin(near.hashes), std::end(near.hashes) - 1, std::end(near.hashes));
  near.hashes[0] = hash;
  near.entries[0] = std::move(found);
  return &near.entries[0]->compiled;
}

template_cache::template_cache() : template_cache(options{}) {}
template_cache::template_cache(const options& chosen)
    : shared_(std::make_unique<internal::shared_cache>(chosen)) {}
template_cache::~template_cache() = default;

template_cache::statistics template_cache::read() const {
  statistics sums = shared_->counted();
  shared_->for_each_client([&](const client& each) {
    sums.hits += each.hits_.load(std::memory_order_relaxed);
    sums.misses += each.misses_.load(std::memory_order_relaxed);
  });
  return sums;
}

}  // namespace engine::templating
