// Measures a suite: checks every candidate's answer, then times the candidates of each group in
// many short, randomly interleaved repetitions.
#pragma once

#include <string_view>

#include "bench/harness/suite.h"

namespace headroom {

struct settings;

/// Exit status: 0, 1 if a row failed, 2 if nothing matched, 130 after Ctrl-C (what was measured is
/// reported).
int measure(const suite& measured, const settings& chosen);

/// Prints the names of the rows that match.
void list_rows(const suite& measured, const settings& chosen);

}  // namespace headroom
