// Runs one row without timing it, for callgrind and profilers, which are told where the loop begins
// and ends.
#pragma once

#include "bench/harness/suite.h"

namespace headroom {

struct settings;

/// Checks the row's answer and runs it, with all of its threads: each as often as the settings say,
/// or for as long, and then prints one line of JSON: `runs` of all threads, `seconds` and
/// `threads`. Exit status: 0; 1 if the answer is wrong; 2 if there is no such row. Throws
/// std::runtime_error if perf should be told and does not answer.
int run_row(const suite& measured, const settings& chosen);

}  // namespace headroom
