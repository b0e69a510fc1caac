// What a benchmark binary offers, for programs that drive it.
#pragma once

#include "bench/harness/suite.h"

namespace headroom {

/// Raised whenever --sample, --turns, --count or this description change in a way that a program
/// that drives them must know of.
inline constexpr int driver_protocol = 1;

/// Prints one line of JSON: `protocol`, `context`, `rows` with `name`, `threads` and `size`, and
/// the names of the `gate` set.
void describe(const suite& measured);

}  // namespace headroom
