#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "subsystems/workflow/name_rules_internal.h"
#include "subsystems/workflow/quote_internal.h"

namespace engine::workflow::internal {

void refuse_duplicate_names(std::span<const named_place> names, std::string_view subject,
                            std::string_view noun, load_context& load) {
  std::vector<named_place> sorted(names.begin(), names.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& left, const auto& right) { return left.name < right.name; });
  std::size_t first = 0;  // of those with the same name
  for (std::size_t at = 1; at < sorted.size() && !load.stopped(); ++at) {
    if (sorted[at].name != sorted[first].name) {
      first = at;
    } else if (!sorted[at].name.empty()) {
      load.refuse(errc::duplicate_name, sorted[at].where,
                  fmt::format("{}: {} {} is given twice, first in line {}", subject, noun,
                              in_quotes(sorted[at].name), sorted[first].where.line));
    }
  }
}

}  // namespace engine::workflow::internal
