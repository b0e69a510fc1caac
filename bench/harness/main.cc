#include "bench/harness/main.h"

#include <exception>

#include <fmt/format.h>

#include "bench/harness/count.h"
#include "bench/harness/describe.h"
#include "bench/harness/driver.h"
#include "bench/harness/run_row.h"
#include "bench/harness/sample.h"

namespace headroom {

int benchmark_main(int argc, char** argv, std::string_view purpose,
                   const std::function<void(suite&, const settings&)>& register_all) {
  try {
    const settings chosen = parse_command_line(argc, argv, purpose);
    suite measured;
    register_all(measured, chosen);
    if (chosen.describe) {
      describe(measured);
      return 0;
    }
    if (chosen.list) {
      list_rows(measured, chosen);
      return 0;
    }
    if (!chosen.count_row.empty()) {
      return count(measured, chosen);
    }
    if (!chosen.sample.row.empty()) {
      return sample(measured, chosen);
    }
    return chosen.run_row.empty() ? measure(measured, chosen) : run_row(measured, chosen);
  } catch (const early_exit& exit) {
    return exit.status;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "error: {}\n", problem.what());
    return 2;
  }
}

}  // namespace headroom
