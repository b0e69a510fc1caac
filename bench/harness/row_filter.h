// Which rows of a suite a command line asks for.
#pragma once

#include <cstdint>
#include <regex>
#include <vector>

#include "bench/harness/settings.h"
#include "bench/harness/suite.h"

namespace headroom {

class row_filter {
 public:
  /// Throws std::runtime_error if the regular expression is malformed.
  explicit row_filter(const settings& chosen);

  /// The candidates of `from` that match, as indices; none if the group is too large for the
  /// effort.
  [[nodiscard]] std::vector<std::size_t> select(const group& from) const;

 private:
  std::regex pattern_;
  bool inverted_;
  std::uint64_t size_max_;
};

}  // namespace headroom
