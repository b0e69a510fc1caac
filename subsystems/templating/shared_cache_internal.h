// The part of a template cache that all threads share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
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
  cached_template* next = nullptr;  ///< in the queue of its shard, whose mutex guards it

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

/// Templates in the order in which they came. It links them, so none of this can fail.
class template_queue {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// REQUIRES: `added` is in no queue, and stays where it is until pop_front() returned it.
  void push_back(cached_template& added) {
    added.next = nullptr;
    (empty() ? first_ : last_->next) = &added;
    last_ = &added;
    ++size_;
  }

  /// REQUIRES: !empty().
  cached_template& pop_front() {
    --size_;
    return *std::exchange(first_, first_->next);
  }

 private:
  cached_template* first_ = nullptr;
  cached_template* last_ = nullptr;
  std::size_t size_ = 0;
};

/// Texts are found by their hashes and compared then. Of those with one hash, one is kept; the
/// others are compiled each time, which is what they would cost without a cache.
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
  /// Evicts what no longer fits, and may have done so if it throws.
  pointer add(pointer made);

  void add_to(template_cache::statistics& sums) const;

 private:
  void evict_one();
  bool evict_from_small(bool spares_used);
  bool evict_from_main(bool spares_used);
  void drop(cached_template& evicted);
  void remember_ghost(std::uint64_t hash);

  mutable std::mutex mutex_;
  std::size_t entries_max_ = 0;
  std::size_t bytes_max_ = 0;
  boost::unordered_flat_map<std::uint64_t, pointer> entries_;  // each is in one of the queues
  template_queue small_;                                       // new texts, the oldest in front
  template_queue main_;                                        // texts that were used again
  // Hashes of texts that left small_ lately, no more than there are entries. They say no more than
  // which queue is the better one, so texts are not compared.
  std::deque<std::uint64_t> ghost_order_;
  boost::unordered_flat_set<std::uint64_t> ghosts_;
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
