// A hash of a text: XXH3, which reads short ones in a few cycles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engine::templating::internal {

/// Keyed by `seed`: without knowing it, no one can choose texts that collide.
[[nodiscard]] std::uint64_t text_hash(std::string_view text, std::uint64_t seed);

struct text_hasher {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view text) const { return text_hash(text, 0); }
};

}  // namespace engine::templating::internal
