// Which value a path leads to, and how it looks as text, by the path as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {

/// An open-addressing table. Refers to keys and values. Only paths that lead somewhere come in
/// here, so whoever writes templates cannot choose how full it gets. O(1).
class path_memory {
 public:
  struct entry {
    std::uint64_t hash;
    std::string_view path;  ///< empty if the entry is
    const boost::json::value* value;
    cell as_text;
  };

  /// Valid until the next add() or clear(); null if there is none.
  [[nodiscard]] const entry* find(std::uint64_t hash, std::string_view path) const {
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const entry& candidate = entries_[at];
      if (candidate.path.empty()) {
        return nullptr;
      }
      if (candidate.hash == hash && candidate.path == path) {
        return &candidate;
      }
    }
  }

  /// REQUIRES: it is not there yet.
  const entry& add(const entry& added);
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t least = 64;

  entry& free_place(std::uint64_t hash);

  std::vector<entry> entries_ = std::vector<entry>(least);
  std::size_t mask_ = least - 1;
  std::size_t size_ = 0;
};

}  // namespace engine::templating::internal
