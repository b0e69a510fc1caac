// The subjects of one row, their answers checked: what every mode that takes a row's name begins
// with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/harness/suite.h"

namespace headroom {

struct checked_row {
  /// One for each thread; empty if `status` is not 0.
  std::vector<std::unique_ptr<subject>> subjects;
  /// 0; 1 if an answer is wrong; 2 if there is no such row. Why is printed to standard error.
  int status;
};

/// Makes the subjects of the row and runs each once.
checked_row open_checked(const suite& measured, const std::string& row_name);

}  // namespace headroom
