// The same addresses in every run.
#pragma once

namespace headroom {

/// Starts the program over without address randomisation, unless it runs so already or is asked to
/// --run one row (a tool such as callgrind watches this process): where arrays lie to each other
/// changes short loops by tens of percent, and each run would draw it anew. Goes on where the
/// kernel does not permit it, as in some containers. Call before any output. Not thread-safe.
void fix_addresses(char** argv);

/// Whether addresses are not randomised.
bool has_fixed_addresses();

}  // namespace headroom
