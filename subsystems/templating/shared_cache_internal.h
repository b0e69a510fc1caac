// The part of a template cache that all threads share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "subsystems/templating/cache.h"

namespace engine::templating::internal {

/// What is kept of a text.
struct cached_template {
  cached_template(compiled_template taken, std::uint64_t hash_of_text)
      : compiled(std::move(taken)),
        text(compiled.source()),
        hash(hash_of_text),
        bytes(compiled.bytes() + sizeof(cached_template)) {}

  compiled_template compiled;
  std::string_view text;  ///< in `compiled`
  std::uint64_t hash;
  std::size_t bytes;
  /// How often it was used lately, up to uses_max. Approximate: two threads may count one use.
  std::atomic<std::uint8_t> uses{0};

  static constexpr std::uint8_t uses_max = 3;

  /// Writes only until uses_max is reached, so that threads do not take the cache line from each
  /// other with every hit.
  void count_use() {
    const std::uint8_t before = uses.load(std::memory_order_relaxed);
    if (before < uses_max) {
      uses.store(static_cast<std::uint8_t>(before + 1), std::memory_order_relaxed);
    }
  }
};

/// Hashes are what texts are known by here; equal ones are told apart by their texts.
class cache_shard {
 public:
  using pointer = std::shared_ptr<cached_template>;

  void set_bounds(std::size_t entries_max, std::size_t bytes_max) {
    entries_max_ = entries_max;
    bytes_max_ = bytes_max;
  }

  /// Null if there is none. Thread-safe, as are all functions.
  [[nodiscard]] pointer find(std::uint64_t hash, std::string_view text);

  /// Adds `made`, unless another thread was faster or it is too large; returns what is to be used.
  /// Evicts what no longer fits.
  pointer add(pointer made);

  void add_to(template_cache::statistics& sums) const;

 private:
  void evict_one();
  bool evict_from_small();
  bool evict_from_main();
  void drop(const pointer& evicted);
  void remember_ghost(std::uint64_t hash);

  mutable std::mutex mutex_;
  std::size_t entries_max_ = 0;
  std::size_t bytes_max_ = 0;
  boost::unordered_flat_map<std::uint64_t, pointer> entries_;
  std::deque<pointer> small_;  // new texts, the oldest in front
  std::deque<pointer> main_;   // texts that were used again
  std::deque<std::uint64_t> ghost_order_;
  boost::unordered_flat_set<std::uint64_t> ghosts_;  // texts that left small_ lately
  std::size_t bytes_ = 0;
  std::uint64_t evictions_ = 0;
};

class shared_cache {
 public:
  explicit shared_cache(const template_cache::options& chosen);

  [[nodiscard]] const template_cache::options& options() const { return options_; }
  // Clients use the low bits for their sets.
  [[nodiscard]] cache_shard& shard_of(std::uint64_t hash) {
    return shards_[(hash >> 32U) & (shards_.size() - 1)];
  }

  void attach(const template_cache::client& added);
  /// Keeps what `removed` has counted.
  void detach(const template_cache::client& removed, std::uint64_t hits, std::uint64_t misses);

  /// Calls `visit` with every client, which stay for as long.
  template <class Visit>
  void for_each_client(const Visit& visit) const {
    const std::lock_guard lock(clients_mutex_);
    for (const template_cache::client* each : clients_) {
      visit(*each);
    }
  }
  /// What detached clients and all shards have counted.
  [[nodiscard]] template_cache::statistics counted() const;

 private:
  template_cache::options options_;
  std::deque<cache_shard> shards_;
  mutable std::mutex clients_mutex_;
  std::vector<const template_cache::client*> clients_;
  std::uint64_t past_hits_ = 0;
  std::uint64_t past_misses_ = 0;
};

}  // namespace engine::templating::internal
