// Where the strings of a document stand, in memory that grows with the document alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine::templating::internal {

/// Places in a document, by number; 0 is the document itself. Each is one step beyond another, so
/// that neighbours share the way to them.
class document_places {
 public:
  /// The place of a member, or of an element, of what stands at `within`. REQUIRES: all keys
  /// together have fewer than 2^32 bytes, and an index is below 2^32 - 1.
  std::uint32_t add_member(std::uint32_t within, std::string_view key);
  std::uint32_t add_element(std::uint32_t within, std::uint32_t index);

  /// The JSON pointer (RFC 6901) of a place. O(its size).
  [[nodiscard]] std::string pointer(std::uint32_t place) const;

  /// About the size of the pointer, which may be up to twice as long. O(steps).
  [[nodiscard]] std::size_t pointer_size(std::uint32_t place) const;

  /// What it holds, in bytes.
  [[nodiscard]] std::size_t bytes() const {
    return steps_.capacity() * sizeof(step) + keys_.capacity();
  }

 private:
  static constexpr std::uint32_t no_key = ~std::uint32_t{0};

  struct step {
    std::uint32_t within;
    std::uint32_t at;        // the index, or where the key begins in keys_
    std::uint32_t key_size;  // or no_key
  };

  std::uint32_t add(const step& added);

  std::vector<step> steps_;  // that of a place is at the number before its own
  std::string keys_;
};

}  // namespace engine::templating::internal
