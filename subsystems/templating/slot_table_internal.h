// Finds a slot by what its expression says, while a template is compiled.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "subsystems/templating/program_internal.h"

namespace engine::templating::internal {

/// An open-addressing index of the slots of one program, which it is shown in each call. O(1).
class slot_table {
 public:
  /// `hash`: of `text`.
  [[nodiscard]] std::optional<std::uint32_t> find(std::span<const slot> slots, std::uint64_t hash,
                                                  std::string_view text, slot_form form) const {
    if (slots.empty()) {
      return std::nullopt;
    }
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      if (index_[at] == 0) {
        return std::nullopt;
      }
      const slot& candidate = slots[index_[at] - 1];
      if (candidate.hash == hash && candidate.form == form && candidate.text == text) {
        return index_[at] - 1;
      }
    }
  }

  /// Adds the last of `slots`, and returns its number.
  std::uint32_t add_last(std::span<const slot> slots) {
    if (slots.size() * 2 > index_.size()) {
      index_.assign(slots.size() * 4 < least ? least : std::bit_ceil(slots.size() * 4), 0);
      for (std::uint32_t each = 0; each < slots.size(); ++each) {
        insert(slots, each);
      }
    } else {
      insert(slots, static_cast<std::uint32_t>(slots.size() - 1));
    }
    return static_cast<std::uint32_t>(slots.size() - 1);
  }

 private:
  static constexpr std::size_t least = 16;

  [[nodiscard]] std::size_t mask() const { return index_.size() - 1; }

  void insert(std::span<const slot> slots, std::uint32_t number) {
    std::size_t at = slots[number].hash & mask();
    while (index_[at] != 0) {
      at = (at + 1) & mask();
    }
    index_[at] = number + 1;
  }

  std::vector<std::uint32_t> index_;  // slot numbers + 1; 0 is free
};

}  // namespace engine::templating::internal
