// What waits to be written by one lane: many threads put in, one takes out all there is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <span>
#include <vector>

#include "subsystems/postgres/receipt.h"
#include "subsystems/postgres/records.h"

namespace engine::postgres {

/// Changes [first, first + count) of a pending_writes, applied together.
struct queued_write {
  receipt* to;
  std::uint32_t first;
  std::uint32_t count;
};

/// Writes with all that they refer to. Not thread-safe.
class pending_writes {
 public:
  void add(std::span<const change> changes, receipt& to);
  /// Keeps what memory it can.
  void clear();

  [[nodiscard]] std::span<const queued_write> writes() const { return writes_; }
  [[nodiscard]] std::span<const change> changes_of(const queued_write& write) const {
    return std::span(changes_).subspan(write.first, write.count);
  }
  [[nodiscard]] std::size_t changes() const { return changes_.size(); }

 private:
  [[nodiscard]] std::string_view keep(std::string_view text);
  void keep_texts(change& of);

  std::vector<queued_write> writes_;
  std::vector<change> changes_;
  std::pmr::monotonic_buffer_resource texts_;
};

/// The bytes of what a change refers to.
[[nodiscard]] std::size_t text_bytes_of(const change& of);

/// Bounded; thread-safe.
class write_queue {
 public:
  struct bounds {
    std::size_t changes_max;
    std::size_t bytes_max;
  };

  explicit write_queue(const bounds& limits) : limits_(limits) {}

  /// Waits for room until the deadline: errc::queue_full, or errc::writer_closed. Lets the receipt
  /// expect the write.
  /// With wake_up::later whoever takes may sleep on until wake(), so that it finds them all.
  enum class wake_up { now, later };
  [[nodiscard]] result<void> push(std::span<const change> changes, receipt& to,
                                  std::chrono::steady_clock::time_point deadline,
                                  wake_up when = wake_up::now);
  void wake();

  /// Waits for writes and takes all of them; `into` is empty before. False when closed and empty.
  [[nodiscard]] bool take(std::unique_ptr<pending_writes>& into);
  /// What was taken is settled, so there is room again.
  void release();
  void close();

  [[nodiscard]] std::size_t waiting() const;

 private:
  [[nodiscard]] bool has_room(std::size_t changes, std::size_t bytes) const;

  const bounds limits_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable has_room_;
  std::unique_ptr<pending_writes> pending_ = std::make_unique<pending_writes>();
  std::size_t pending_bytes_ = 0;
  std::size_t taken_changes_ = 0;
  std::size_t taken_bytes_ = 0;
  bool taker_waits_ = false;
  std::size_t waiting_for_room_ = 0;
  bool closed_ = false;
};

}  // namespace engine::postgres
