// Times one row in short chunks, alone or in turns with another process, and prints the chunks'
// quantiles. What two builds are compared by: scripts/compare starts a pair of processes for each
// sample.
#pragma once

#include "bench/harness/suite.h"

namespace headroom {

struct settings;

/// Prints one line of JSON to standard output. Exit status: 0; 1 if the answer is wrong; 2 if there
/// is no such row; 3 if the partner has left. Throws std::runtime_error if the turns cannot be
/// used.
int sample(const suite& measured, const settings& chosen);

}  // namespace headroom
