// What a result must be read with: where it came from and what produced it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace headroom {

/// Keys and values for the `context` of Google Benchmark's JSON: commit, dirty, compiler, flags,
/// cpu, kernel, allocator, …
std::vector<std::pair<std::string, std::string>> describe_context();

}  // namespace headroom
