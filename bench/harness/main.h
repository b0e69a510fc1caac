// The main() of every benchmark binary.
#pragma once

#include <functional>
#include <string_view>

#include "bench/harness/settings.h"
#include "bench/harness/suite.h"

namespace headroom {

/// Reads the command line, lets `register_all` fill the suite (it may look at the settings, e.g.
/// for a corpus), and measures, lists or runs. Returns the exit status; prints what std::exception
/// says. A main() calls fix_addresses() first.
int benchmark_main(int argc, char** argv, std::string_view purpose,
                   const std::function<void(suite&, const settings&)>& register_all);

}  // namespace headroom
