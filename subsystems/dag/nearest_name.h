// The name that an author probably meant.
#pragma once

#include <span>
#include <string_view>

namespace engine::dag {

/// The candidate with the smallest edit distance to `wanted` (Damerau's, adjacent letters swapped
/// count one), the first of equals; empty if even that one differs in more than a third of its
/// letters. At most O(candidates * wanted * 64) steps: names longer than 64 bytes are compared by
/// their first 64. Thread-safe.
[[nodiscard]] std::string_view nearest_name(std::string_view wanted,
                                            std::span<const std::string_view> candidates);

}  // namespace engine::dag
