// What a pool does when the fast path does not suffice: waiting, opening, closing, looking after.
//
// Knows connections as void* and a source of them. Two threads of its own: the opener connects,
// validates and closes, one thing at a time, and may block; the keeper watches time and never
// blocks. The mutex guards the queue of waiters and all books; nothing slow happens under it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/pool_options.h"
#include "subsystems/postgres/pool_slot_internal.h"
#include "subsystems/postgres/waiter_internal.h"

namespace engine::postgres::internal {

/// Where connections come from. Called by several threads at once, for different connections.
class connection_source {
 public:
  connection_source() = default;
  connection_source(const connection_source&) = delete;
  connection_source& operator=(const connection_source&) = delete;
  virtual ~connection_source() = default;

  [[nodiscard]] virtual result<void*> open(steady_time deadline) = 0;
  [[nodiscard]] virtual bool is_usable(void* connection) noexcept = 0;
  [[nodiscard]] virtual bool validate(void* connection) noexcept = 0;
  virtual void hang_up(void* connection) noexcept = 0;
  virtual void close(void* connection) noexcept = 0;
};

class pool_core final : public pool_front, public std::enable_shared_from_this<pool_core> {
 public:
  /// REQUIRES: validate(chosen).
  pool_core(connection_pool_options chosen, std::shared_ptr<connection_source> source);
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;

  /// Starts the threads. Called once.
  void start();
  /// Refuses whoever comes from now on and ends all waits. Once.
  void close();
  /// close(), and waits for the threads, so at most for what the opener is about. What is lent
  /// keeps the core alive, and is closed by who gives it back.
  void stop();

  /// Takes what is free, or waits.
  [[nodiscard]] result<pool_slot*> take(steady_time deadline, const std::stop_token& stop,
                                        const char* holder);
  /// What is free, without waiting; nothing if there is nothing.
  [[nodiscard]] pool_slot* take_free(const char* holder);
  /// The waiter's finish() is called as soon as it has a connection or will not get one, perhaps
  /// before this returns.
  void wait(handler_waiter& waiting);
  /// Ends a wait with errc::cancelled; does nothing if it has ended.
  void cancel(waiter& waiting);
  /// What finish() gives to a handler. The connection was looked at; nothing if it did not work.
  [[nodiscard]] std::optional<pool_slot*> look_at(const taken_slot& taken);
  /// Why a wait failed, with the figures of now.
  [[nodiscard]] error explain(errc reason, steady_time since);

  /// REQUIRES: the slot is `returning`, as return_quickly() left it.
  void give_back(pool_slot& slot);
  /// The connection is broken, or should retire. REQUIRES: the slot is busy, and the caller's.
  void replace(pool_slot& slot);

  [[nodiscard]] pool_statistics read() const;
  /// For thread_hints; never 0.
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  /// What need not be known to lend a connection. Guarded by the mutex.
  struct record {
    /// How often it was lent, and whether it was, when last looked at, and since when.
    std::uint64_t seen = ~std::uint64_t{0};
    steady_time since{};
    steady_time opened{};
    steady_time validated{};
    steady_time expires = steady_time::max();
    std::uint64_t checkouts_at_open = 0;
    bool leak_reported = false;
  };
  struct leak {
    const char* holder;
    std::chrono::nanoseconds held_for;
  };

  // Of waiting; all but the first two with the mutex held.
  [[nodiscard]] result<pool_slot*> wait_blocked(steady_time deadline, const std::stop_token& stop,
                                                const char* holder);
  void sleep_until_ended(waiter& waiting);
  void wake_up(waiter& waiting, bool is_late);
  [[nodiscard]] bool admit(waiter& waiting);
  void serve(wake_list& wakes);
  void grant(waiter& first, const taken_slot& taken, wake_list& wakes);
  void fail_wait(waiter& failed, errc reason, wake_list& wakes);
  void remove(waiter& ended);
  void update_hand_off(steady_time now);
  void clear_woken(const waiter& was);
  void fence_returns();

  // Of returning; with the mutex held, but for scan().
  [[nodiscard]] taken_slot scan(bool& unsettled);
  void lend_on(pool_slot& slot, wake_list& wakes);
  void count_broken(const pool_slot& slot);

  // Of the keeper; with the mutex held, but for the first.
  void run_keeper();
  [[nodiscard]] steady_time keep(steady_time now, std::vector<leak>& leaks, wake_list& wakes);
  void observe(steady_time now, std::vector<leak>* leaks);
  void keep_slot(pool_slot& slot, steady_time now);
  [[nodiscard]] bool is_doubtful(const pool_slot& slot, steady_time now);

  // Of the opener; without it.
  void run_opener();
  void close_doomed();
  [[nodiscard]] pool_slot* claim_doubtful();
  void check(pool_slot& slot);
  void doom_doubtful();
  [[nodiscard]] pool_slot* claim_empty(steady_time& retry_at);
  void open(pool_slot& slot);
  void make_available(pool_slot& slot);
  void empty_slot(pool_slot& slot);
  /// With the mutex held.
  [[nodiscard]] std::chrono::nanoseconds delay_after(std::uint32_t failures);

  [[nodiscard]] record& record_of(const pool_slot& slot) {
    return records_[static_cast<std::size_t>(&slot - slots_.data())];
  }
  [[nodiscard]] double random();

  const connection_pool_options options_;
  /// Shared with those who close connections after the pool has gone.
  const std::shared_ptr<connection_source> source_;
  const std::uint64_t number_;
  std::vector<pool_slot> slots_;

  mutable std::mutex mutex_;
  waiter_queue queue_;
  const waiter* woken_ = nullptr;
  bool closed_ = false;
  std::vector<record> records_;
  /// Slots that are not empty.
  std::uint32_t size_ = 0;
  std::uint32_t doomed_ = 0;
  /// Someone who would not wait went away with nothing.
  bool is_wanted_ = false;
  /// A return has yet to show where it goes: serve() again soon.
  bool unsettled_ = false;
  /// But for the figures of now.
  pool_statistics counted_;
  std::uint64_t waits_before_ = 0;
  /// Attempts to connect that failed, since one did not.
  std::uint32_t failures_ = 0;
  /// Connections that broke before they were of any use, since one was.
  std::uint32_t early_deaths_ = 0;
  steady_time last_early_death_{};
  steady_time next_attempt_{};
  std::optional<error> last_failure_;
  std::uint64_t random_state_;
  steady_time keeper_wakes_{};
  /// What the opener waits for to give a sign of life.
  void* checked_ = nullptr;
  steady_time checked_until_{};
  /// After stop(): what is still lent, and a hold on oneself until it is back.
  std::uint32_t orphans_ = 0;
  std::shared_ptr<pool_core> self_;

  std::atomic<bool> stopping_{false};
  doorbell keeper_bell_;
  doorbell opener_bell_;
  std::thread keeper_;
  std::thread opener_;
};

inline pool_core& core_of(const pool_slot& slot) { return static_cast<pool_core&>(*slot.pool); }

}  // namespace engine::postgres::internal
