// The pool that one writes: a mutex, a condition variable and a vector, used well. The connection
// given back last is lent first, its lines still in the cache; notify_one() is called after the
// mutex is released, and the clock is read only by who has to wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace headroom::pool_bench {

template <class Connection>
class mutex_condvar_pool {
 public:
  class lease {
   public:
    lease(mutex_condvar_pool& from, Connection& lent) : from_(&from), lent_(&lent) {}
    lease(lease&& other) noexcept
        : from_(other.from_), lent_(std::exchange(other.lent_, nullptr)) {}
    lease& operator=(lease&&) = delete;
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() {
      if (lent_ != nullptr) {
        from_->give_back(*lent_);
      }
    }

    Connection& operator*() const { return *lent_; }
    Connection* operator->() const { return lent_; }

   private:
    mutex_condvar_pool* from_;
    Connection* lent_;
  };

  mutex_condvar_pool() = default;

  /// REQUIRES: nobody uses the pool yet.
  void add(std::unique_ptr<Connection> added) {
    free_.push_back(added.get());
    owned_.push_back(std::move(added));
  }

  /// Nothing after the timeout.
  [[nodiscard]] std::optional<lease> checkout(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    if (free_.empty() && !returned_.wait_for(lock, timeout, [this] { return !free_.empty(); })) {
      return std::nullopt;
    }
    Connection& lent = *free_.back();
    free_.pop_back();
    return std::optional<lease>(std::in_place, *this, lent);
  }

  [[nodiscard]] std::size_t in_use() const {
    const std::lock_guard lock(mutex_);
    return owned_.size() - free_.size();
  }

 private:
  void give_back(Connection& lent) {
    {
      const std::lock_guard lock(mutex_);
      free_.push_back(&lent);
    }
    returned_.notify_one();
  }

  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection*> free_;
  std::vector<std::unique_ptr<Connection>> owned_;
};

}  // namespace headroom::pool_bench
