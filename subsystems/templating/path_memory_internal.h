// Which value a path leads to, and how it looks as text, by the path as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/kernels_internal.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::internal {

/// An open-addressing table that may forget: where probes_max paths are in the way of another, one
/// of them goes. Refers to keys and values. All is O(1), clearing too, whatever the hashes are.
class path_memory {
 public:
  struct entry {
    std::uint64_t age = 0;  ///< entries of another age than the table's are free
    std::uint64_t hash;
    std::string_view path;
    const boost::json::value* value;
    cell as_text;
  };

  /// Valid until the next add() or clear(); null if there is none.
  [[nodiscard]] const entry* find(std::uint64_t hash, std::string_view path) const {
    const entry& first = entries_[hash & mask_];  // That it is the first is likely.
    if (first.age != age_) {
      return nullptr;
    }
    return is(first, hash, path) ? &first : find_behind(hash, path);
  }

  /// Changes nothing if it throws. REQUIRES: it is not there yet.
  const entry& add(std::uint64_t hash, std::string_view path, const boost::json::value& value,
                   const cell& as_text);
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t least = 64;

  // Paths are short, and a call of the library's function takes longer than comparing them.
  [[nodiscard]] static bool same_bytes(const char* left, const char* right, std::size_t size) {
    const auto differ = [&](auto word, std::size_t at) {
      auto other = word;
      std::memcpy(&word, left + at, sizeof word);
      std::memcpy(&other, right + at, sizeof other);
      return word ^ other;
    };
    constexpr std::uint64_t eight{};
    constexpr std::uint32_t four{};
    if (size > 32 || size < 4) {
      return std::memcmp(left, right, size) == 0;
    }
    if (size < 8) {
      return (differ(four, 0) | differ(four, size - 4)) == 0;
    }
    const std::uint64_t outer = differ(eight, 0) | differ(eight, size - 8);
    if (size <= 16) {
      return outer == 0;
    }
    return (outer | differ(eight, 8) | differ(eight, size - 16)) == 0;
  }

  void grow();
  [[nodiscard]] static bool is(const entry& candidate, std::uint64_t hash, std::string_view path) {
    return candidate.hash == hash && candidate.path.size() == path.size() &&
           same_bytes(candidate.path.data(), path.data(), path.size());
  }

  [[nodiscard]] const entry* find_behind(std::uint64_t hash, std::string_view path) const;
  entry& place_for(std::uint64_t hash);

  std::vector<entry> entries_ = std::vector<entry>(least);
  std::size_t mask_ = least - 1;
  std::size_t size_ = 0;
  std::uint64_t age_ = 1;
};

}  // namespace engine::templating::internal
