// Look-ups in a compile cache that several threads share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/templating/mutex_lru.h"
#include "subsystems/templating/cache.h"

namespace headroom::templating_bench {

/// What the threads of a group share.
struct shared_caches {
  engine::templating::template_cache engine{{.hash_seed = 1}};
  mutex_lru lru{4'096};
};

/// The look-ups of one thread: `texts` of them in random order, and every hundredth a text that was
/// never looked up before. Items: one.
class cache_input {
 public:
  cache_input(unsigned thread, std::size_t texts, std::shared_ptr<shared_caches> shared);

  [[nodiscard]] shared_caches& shared() const { return *shared_; }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  [[nodiscard]] unsigned thread() const { return thread_; }
  [[nodiscard]] double items() const { return 1; }

  /// Of so many look-ups in turn, how many gave the template of the text.
  struct tally {
    std::size_t right;
    std::size_t asked;
  };
  [[nodiscard]] std::string mismatch(const tally& answer) const;

 private:
  unsigned thread_;
  std::shared_ptr<shared_caches> shared_;
  std::vector<std::string> texts_;
};

/// The texts of one thread in turn, new ones included. Never repeats a new one in this process.
class lookups {
 public:
  static constexpr std::size_t new_every = 100;

  explicit lookups(const cache_input& input);

  /// Valid until the next call.
  [[nodiscard]] std::string_view next() {
    if (++taken_ % new_every == 0) {
      return fresh();
    }
    return order_[taken_ % order_.size()];
  }

 private:
  std::string_view fresh();

  std::vector<std::string_view> order_;
  std::string fresh_;
  std::size_t taken_ = 0;
};

}  // namespace headroom::templating_bench
