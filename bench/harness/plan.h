// What is measured, in which order, for how long.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/harness/settings.h"
#include "bench/harness/suite.h"

namespace headroom {

/// How long a group is measured, and in what portions.
struct budget {
  double group_seconds;
  double repetition_seconds;  ///< timed; about as long goes before it untimed, to warm up
  int repetitions_min;
  int repetitions_max;
};

/// One group to be measured, for how long, and how long that will take as far as one can tell
/// before. Refers to the suite.
struct step {
  const group* measured;
  std::vector<std::size_t> selected;
  budget spent;
  double planned_seconds;
  bool is_last;  ///< of its group
};

/// The steps of all rounds, in order; none if no row is selected. Throws std::runtime_error if
/// the filter is not a regular expression.
std::vector<step> make_plan(const suite& measured, const settings& chosen);

}  // namespace headroom
