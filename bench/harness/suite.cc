#include "bench/harness/suite.h"

#include <stdexcept>

#include <fmt/format.h>

namespace headroom {

std::string group::row_name(std::size_t candidate, bool with_suffix) const {
  std::string name = fmt::format("{}/{}", operation, candidates[candidate]);
  if (!case_name.empty()) {
    name += '/' + case_name;
  }
  if (with_suffix && (waits || threads > 1)) {
    name += "/real_time";
  }
  if (with_suffix && threads > 1) {
    name += fmt::format("/threads:{}", threads);
  }
  return name;
}

void suite::set_gate(std::vector<std::string> row_names) {
  if (row_names.size() > gate_max) {
    throw std::logic_error(
        fmt::format("a gate set of {} rows; {} is the most", row_names.size(), gate_max));
  }
  for (std::string& each : row_names) {
    const std::optional<row_place> found = find(each);
    if (!found || found->in->waits) {
      throw std::logic_error(fmt::format("the gate set names {}, which is {}", each,
                                         found ? "a row that waits" : "no row"));
    }
    each = found->in->row_name(found->candidate);
  }
  gate_ = std::move(row_names);
}

std::optional<row_place> suite::find(std::string_view row_name) const {
  for (const group& each : groups_) {
    for (std::size_t index = 0; index < each.candidates.size(); ++index) {
      if (each.row_name(index) == row_name || each.row_name(index, false) == row_name) {
        return row_place{&each, index};
      }
    }
  }
  return std::nullopt;
}

}  // namespace headroom
