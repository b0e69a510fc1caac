#include "bench/harness/suite.h"

#include <fmt/format.h>

namespace headroom {

std::string group::row_name(std::size_t candidate, bool with_suffix) const {
  std::string name = fmt::format("{}/{}", operation, candidates[candidate]);
  if (!case_name.empty()) {
    name += '/' + case_name;
  }
  if (with_suffix && threads > 1) {
    name += fmt::format("/real_time/threads:{}", threads);
  }
  return name;
}

}  // namespace headroom
