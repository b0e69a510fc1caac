// When a branch that depends on the graph is worth its guess.
#pragma once

#include <cstdint>

namespace engine::dag::internal {

/// A graph of fewer nodes is small enough that the processor remembers from the last build how its
/// branches went: guesses are free. From here on it loses them, and code that needs none is faster
/// although it does more. Measured with layered workflows, among other work, on a Zen 4.
inline constexpr std::uint32_t nodes_known_by_heart = 4'000;

}  // namespace engine::dag::internal
