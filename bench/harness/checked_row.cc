#include "bench/harness/checked_row.h"

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {

checked_row open_checked(const suite& measured, const std::string& row_name) {
  const std::optional<row_place> found = measured.find(row_name);
  if (!found) {
    fmt::print(stderr, "error: there is no row {}; --list shows them all\n",
               engine::support::in_quotes(row_name));
    return {{}, 2};
  }
  checked_row made{{}, 0};
  for (unsigned thread = 0; thread < found->in->threads; ++thread) {
    made.subjects.push_back(found->in->open(thread)(found->candidate));
    const std::string wrong = made.subjects.back()->check();
    if (!wrong.empty()) {
      fmt::print(stderr, "error: {}: wrong answer: {}\n", row_name, wrong);
      return {{}, 1};
    }
  }
  return made;
}

}  // namespace headroom
