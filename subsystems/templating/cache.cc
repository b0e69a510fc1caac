#include "subsystems/templating/cache.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "subsystems/templating/shared_cache_internal.h"

namespace engine::templating {
namespace {

// The only writer need not ask for the cache line twice.
void count(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

template_cache::client::client(template_cache& of)
    : shared_(*of.shared_),
      sets_(std::bit_ceil(std::max<std::size_t>(1, shared_.options().client_entries / ways))) {
  shared_.attach(*this);
}

template_cache::client::~client() {
  shared_.detach(*this, hits_.load(std::memory_order_relaxed),
                 misses_.load(std::memory_order_relaxed));
}

const compiled_template* template_cache::client::find(set& in, std::uint64_t hash,
                                                      std::string_view text) {
  for (std::size_t way = 0; way < ways; ++way) {
    internal::cached_template* const entry = in.entries[way].get();
    if (in.hashes[way] == hash && entry != nullptr && entry->text == text) {
      entry->count_use();
      return &entry->compiled;
    }
  }
  return nullptr;
}

result<const compiled_template*> template_cache::client::get(std::string_view text) {
  const std::uint64_t hash = shared_.hash_of(text);
  set& near = sets_[hash & (sets_.size() - 1)];
  if (const compiled_template* found = find(near, hash, text)) [[likely]] {
    count(hits_);
    return found;
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
