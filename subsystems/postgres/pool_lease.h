// A connection that is lent by a pool.
#pragma once

#include <utility>

#include "subsystems/postgres/pool_core_internal.h"
#include "subsystems/postgres/pool_slot_internal.h"

namespace engine::postgres {

template <class Connector>
class basic_lease {
 public:
  using connection_type = typename Connector::connection_type;

  /// Holds nothing.
  basic_lease() = default;
  /// Of the pool: on a slot that is busy for its holder, or null.
  explicit basic_lease(internal::pool_slot* slot) noexcept : slot_(slot) {}

  basic_lease(basic_lease&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  basic_lease& operator=(basic_lease&& other) noexcept {
    basic_lease(std::move(other)).swap(*this);
    return *this;
  }
  basic_lease(const basic_lease&) = delete;  // Two could use it at once.
  basic_lease& operator=(const basic_lease&) = delete;
  ~basic_lease() {
    if (slot_ != nullptr) {
      give_back(*slot_);
    }
  }

  void swap(basic_lease& other) noexcept { std::swap(slot_, other.slot_); }

  [[nodiscard]] explicit operator bool() const noexcept { return slot_ != nullptr; }
  /// REQUIRES: it holds a connection, as do all below but release().
  [[nodiscard]] connection_type& operator*() const noexcept {
    return *static_cast<connection_type*>(slot_->connection);
  }
  [[nodiscard]] connection_type* operator->() const noexcept { return &**this; }

  /// Gives the connection back; if it broke, the pool closes it and opens another when one is
  /// wanted. Holds nothing afterwards. Never blocks.
  void release() noexcept {
    if (slot_ != nullptr) {
      give_back(*detach());
    }
  }
  /// The same for a connection that is not to be used again, whatever it looks like.
  void discard() noexcept {
    internal::pool_slot& slot = *detach();
    internal::core_of(slot).replace(slot);
  }

  /// For the pool's own use: holds nothing afterwards, and gives nothing back.
  [[nodiscard]] internal::pool_slot* detach() noexcept { return std::exchange(slot_, nullptr); }

 private:
  [[gnu::always_inline]] static void give_back(internal::pool_slot& slot) noexcept {
    const auto& connection = *static_cast<const connection_type*>(slot.connection);
    if (!Connector::is_open(connection) || slot.retire.load(std::memory_order_relaxed))
        [[unlikely]] {
      internal::core_of(slot).replace(slot);
    } else if (!internal::return_quickly(slot)) [[unlikely]] {
      internal::core_of(slot).give_back(slot);
    }
  }

  internal::pool_slot* slot_ = nullptr;
};

}  // namespace engine::postgres
