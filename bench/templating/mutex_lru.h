// Candidate `mutex_lru`: the cache that is usually written first, a hash map and a list of the
// latest uses under one mutex.
#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "bench/templating/text_input.h"
#include "subsystems/templating/compiled_template.h"

namespace headroom::templating_bench {

class mutex_lru {
 public:
  using value = std::shared_ptr<const engine::templating::compiled_template>;

  explicit mutex_lru(std::size_t entries_max) : entries_max_(entries_max) {
    index_.reserve(entries_max + 1);
  }

  [[nodiscard]] value get(std::string_view text) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = index_.find(text);
      if (found != index_.end()) {
        order_.splice(order_.begin(), order_, found->second);
        return found->second->compiled;
      }
    }
    auto compiled = std::make_shared<const engine::templating::compiled_template>(
        engine::templating::compile(text).value());
    std::list<entry> evicted;  // Destroyed behind the lock.
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(text); found != index_.end()) {
      return found->second->compiled;
    }
    order_.push_front({std::string(text), compiled});
    index_.emplace(order_.front().text, order_.begin());
    if (order_.size() > entries_max_) {
      index_.erase(std::string_view(order_.back().text));
      evicted.splice(evicted.begin(), order_, std::prev(order_.end()));
    }
    return compiled;
  }

 private:
  struct entry {
    std::string text;
    value compiled;
  };

  std::size_t entries_max_;
  std::mutex mutex_;
  std::list<entry> order_;
  boost::unordered_flat_map<std::string_view, std::list<entry>::iterator, text_hash,
                            std::equal_to<>>
      index_;
};

}  // namespace headroom::templating_bench
