// Many small, growing sets of ids, two to a record: what a task depends on and what depends on it.
//
// Both rows of a pair share twelve places, from either end, so the usual pair costs no memory
// access but that of its record and no branch that is hard to predict. When the places are full,
// the longer row moves to a block of a shared pool. Blocks hold 16, 32, 64, … ids; one that is left
// is kept for the next row of that size.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "subsystems/dag/error.h"

namespace engine::dag::internal {

/// Marks a free place, the end of a list, and "no such task".
inline constexpr node_id none = ~node_id{0};

enum class side : std::uint8_t { downstream, upstream };  ///< dependents, dependencies

[[nodiscard]] constexpr side opposite(side which) {
  return which == side::downstream ? side::upstream : side::downstream;
}

/// Copy and assign only together with the pool that its blocks lie in.
class row_pair {
 public:
  static constexpr std::uint32_t places = 12;

  /// Whether both rows are in place and either may grow there.
  [[nodiscard]] bool has_room() const { return counts_[0] + counts_[1] < int{places}; }

  /// Whether `id` is in a row that is in place. If a row is in a block, the answer may be true by
  /// chance. O(1), without a branch. REQUIRES: id != none.
  [[nodiscard]] bool contains_in_place(node_id id) const {
    const four_ids wanted = {id, id, id, id};
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(
        (load(0) == wanted) | (load(4) == wanted) | (load(8) == wanted));
    return (words[0] | words[1]) != 0;
  }

  /// REQUIRES: has_room().
  template <side Which>
  void push_in_place(node_id id) {
    ids_[place(Which, counts_[static_cast<std::size_t>(Which)]++)] = id;
  }

  /// Makes has_room() false, so that a record without a task needs no check of its own.
  void close() { counts_ = {in_block, in_block}; }

 private:
  friend class row_pool;

  using four_ids [[gnu::vector_size(16)]] = node_id;

  // Marks a count: the row is in a block of class (count - in_block). Its first place is the number
  // of the block in the pool, its second the number of ids.
  static constexpr std::uint16_t in_block = 0x8000;

  static constexpr std::array<node_id, places> all_none() {
    std::array<node_id, places> empty{};
    empty.fill(none);
    return empty;
  }
  static constexpr std::uint32_t place(side which, std::uint32_t index) {
    return which == side::downstream ? index : places - 1 - index;
  }
  [[nodiscard]] four_ids load(std::size_t at) const {
    four_ids loaded;
    std::memcpy(&loaded, &ids_[at], sizeof loaded);
    return loaded;
  }

  [[nodiscard]] std::uint16_t count(side which) const {
    return counts_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] bool is_in_block(side which) const { return count(which) >= in_block; }
  [[nodiscard]] std::uint32_t size_class(side which) const { return count(which) - in_block; }
  [[nodiscard]] std::uint32_t places_used(side which) const {
    return is_in_block(which) ? 2 : count(which);
  }
  void set_count(side which, std::uint32_t count) {
    counts_[static_cast<std::size_t>(which)] = static_cast<std::uint16_t>(count);
  }
  [[nodiscard]] node_id& at(side which, std::uint32_t index) { return ids_[place(which, index)]; }
  [[nodiscard]] node_id at(side which, std::uint32_t index) const {
    return ids_[place(which, index)];
  }

  std::array<std::uint16_t, 2> counts_{};
  // Places of neither row hold `none`.
  std::array<node_id, places> ids_ = all_none();
};

class row_pool {
 public:
  [[nodiscard]] std::uint32_t size(const row_pair& pair, side which) const {
    return pair.is_in_block(which) ? pair.at(which, 1) : pair.count(which);
  }
  /// In no particular order.
  [[nodiscard]] std::span<const node_id> view(const row_pair& pair, side which) const {
    const std::uint32_t ids = size(pair, which);
    if (pair.is_in_block(which)) [[unlikely]] {
      return {block(pair.at(which, 0)), ids};
    }
    return {pair.ids_.data() + (which == side::downstream ? 0 : row_pair::places - ids), ids};
  }

  /// O(1) if the row is in place and `id` is not in it, otherwise O(size).
  [[nodiscard]] bool contains(const row_pair& pair, side which, node_id id) const;

  /// Fills empty rows. O(ids). REQUIRES: no id twice.
  void assign(row_pair& pair, std::span<const node_id> downstream,
              std::span<const node_id> upstream);

  /// Makes room for one more id; may allocate, and on failure changes nothing. O(1) amortised.
  void reserve_one(row_pair& pair, side which);
  /// REQUIRES: reserve_one(pair, which) since the last push.
  void push(row_pair& pair, side which, node_id id);

  /// The last id takes the place of `id`. O(size). A row leaves its block when few ids are left,
  /// not as soon as they fit, so one that grows and shrinks does not move each time. REQUIRES: it
  /// is in.
  void erase(row_pair& pair, side which, node_id id);

  void clear(row_pair& pair);

  [[nodiscard]] std::size_t bytes() const { return words_.capacity() * sizeof(node_id); }

 private:
  static constexpr std::uint32_t ids_in_smallest = 16;
  static constexpr std::uint32_t class_count = 28;
  static constexpr std::uint32_t ids_to_return = 4;

  static std::uint32_t class_for(std::uint32_t ids);
  static std::size_t ids_in(std::uint32_t size_class) {
    return std::size_t{ids_in_smallest} << size_class;
  }
  [[nodiscard]] node_id* block(std::uint32_t number) {
    return words_.data() + std::size_t{number} * ids_in_smallest;
  }
  [[nodiscard]] const node_id* block(std::uint32_t number) const {
    return words_.data() + std::size_t{number} * ids_in_smallest;
  }
  void move_to_block(row_pair& pair, side which, std::uint32_t size_class);
  void return_to_place(row_pair& pair, side which);
  std::uint32_t take_block(std::uint32_t size_class);
  void give_block(std::uint32_t number, std::uint32_t size_class);

  std::vector<node_id> words_;
  // By class: the first free block, whose first word is the number of the next.
  std::array<std::uint32_t, class_count> free_ = [] {
    std::array<std::uint32_t, class_count> empty{};
    empty.fill(none);
    return empty;
  }();
};

}  // namespace engine::dag::internal
