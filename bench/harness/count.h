// Counts what one run of a row costs exactly: memory it obtains, and, under callgrind, its
// instructions and system calls.
#pragma once

#include "bench/harness/suite.h"

namespace headroom {

struct settings;

/// Runs the row N times and then 2 N times, N from the settings, and prints one line of JSON:
/// `runs`, and the difference by the run of `allocations` and `bytes`, three times over, so that
/// one can see whether they are always the same (null without jemalloc). Under callgrind with
/// --instr-atstart=no --collect-atstart=no it dumps the counts of the N runs and of the 2 N runs:
/// two files, of which the difference is N runs. Exit status: 0; 1 if the answer is wrong; 2 if
/// there is no such row, or it has several threads.
int count(const suite& measured, const settings& chosen);

}  // namespace headroom
