// Templates by their text, compiled once for all threads.
//
//   template_cache cache;                    // one for the process
//   template_cache::client client(cache);    // one for each thread
//   const auto found = client.get(text);
//
// A client keeps what its thread used lately, so a hit there reads no memory that another thread
// writes. Behind it stands the cache that all share, in shards of a mutex each. It is bounded in
// entries and bytes and evicts by S3-FIFO (Yang et al., SOSP 2023): texts seen once pass through a
// small queue and leave the others alone, so a scan through many does no harm. Texts that do not
// compile are not kept.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"

namespace engine::templating {

namespace internal {
class shared_cache;
struct cached_template;
}  // namespace internal

class template_cache {
 public:
  struct options {
    /// Templates kept, rounded up to a multiple of the shards.
    std::size_t entries_max = 4'096;
    /// What they may hold in all, in bytes. A larger one than a shard's share is not kept.
    std::size_t bytes_max = std::size_t{64} << 20U;
    /// Parts with a mutex of their own, rounded up to a power of two; at most 1,024.
    std::size_t shards = 16;
    /// Templates that a client keeps, rounded up to four times a power of two, at most 2^22; and
    /// how large they may be, in bytes. They count for no bound of the cache. 24 bytes each from
    /// the beginning.
    std::size_t client_entries = 256;
    std::size_t client_entry_bytes_max = std::size_t{16} << 10U;
    /// Of every compilation.
    limits bounds = {};
    /// 0 draws one, so that nobody can choose texts that collide without knowing it. Those that do
    /// are told apart, but of each hash one text is kept and the others are compiled each time.
    std::uint64_t hash_seed = 0;
  };

  struct statistics {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;     ///< compilations, failed ones included
    std::uint64_t evictions = 0;  ///< from the cache that all share
    std::size_t entries = 0;
    std::size_t bytes = 0;
  };

  /// A thread's access to the cache, which must outlive it. For one thread at a time. Two of them
  /// share no cache line.
  class alignas(64) client {
   public:
    explicit client(template_cache& of);
    client(const client&) = delete;  // Each thread has its own.
    client& operator=(const client&) = delete;
    ~client();

    /// The template of `text`, compiled if there is none; or why it cannot be compiled. Valid until
    /// the next call; a copy keeps it longer. O(text).
    [[nodiscard]] result<const compiled_template*> get(std::string_view text);

   private:
    friend class template_cache;

    // Entries whose hashes end alike, the latest first.
    static constexpr std::size_t ways = 4;
    struct set {
      std::uint64_t hashes[ways] = {};
      std::shared_ptr<internal::cached_template> entries[ways];
    };

    [[nodiscard]] const compiled_template* find(set& in, std::uint64_t hash, std::string_view text);

    internal::shared_cache& shared_;
    std::uint64_t seed_;
    std::unique_ptr<set[]> sets_;
    std::size_t set_mask_;
    std::shared_ptr<internal::cached_template> large_;  // the last that was too large for a set
    // Written by the thread of this client alone, read by any.
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
  };

  template_cache();
  explicit template_cache(const options& chosen);
  template_cache(const template_cache&) = delete;  // Clients refer to it.
  template_cache& operator=(const template_cache&) = delete;
  /// REQUIRES: its clients are gone.
  ~template_cache();

  /// Sums over all threads; what they do meanwhile may be counted in part. Thread-safe.
  [[nodiscard]] statistics read() const;

 private:
  std::unique_ptr<internal::shared_cache> shared_;
};

}  // namespace engine::templating
