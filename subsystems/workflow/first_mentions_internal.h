// Lists of names without repetition.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace engine::workflow::internal {

/// Each of `names` once, in the order of first mention. O(n log n) comparisons whatever the names
/// are: a hash table could be slowed down by names chosen to collide.
[[nodiscard]] std::vector<std::string_view> first_mentions(std::span<const std::string_view> names);

}  // namespace engine::workflow::internal
