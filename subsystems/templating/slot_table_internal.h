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
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::internal {

/// An open-addressing index of the slots of one program, which it is shown in each call. A slot
/// that probes_max others are in the way of is left out. O(1), whatever the hashes are.
class slot_table {
 public:
  /// `hash`: of `text`.
  [[nodiscard]] std::optional<std::uint32_t> find(std::span<const slot> slots, std::uint64_t hash,
                                                  std::string_view text, slot_form form) const {
    if (slots.empty()) {
      return std::nullopt;
    }
    for (std::size_t probe = 0; probe < probes_max; ++probe) {
      const std::uint32_t number = index_[(hash + probe) & mask()];
      if (number == 0) {
        break;
      }
      const slot& candidate = slots[number - 1];
      if (candidate.hash == hash && candidate.form == form && candidate.text == text) {
        return number - 1;
      }
    }
    return std::nullopt;
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
    for (std::size_t probe = 0; probe < probes_max; ++probe) {
      std::uint32_t& place = index_[(slots[number].hash + probe) & mask()];
      if (place == 0) {
        place = number + 1;
        return;
      }
    }
  }

  std::vector<std::uint32_t> index_;  // slot numbers + 1; 0 is free
};

}  // namespace engine::templating::internal
