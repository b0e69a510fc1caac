#include "bench/harness/row_filter.h"

#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {
namespace {

std::regex compile(const std::string& text) {
  try {
    return std::regex(text, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& problem) {
    throw std::runtime_error(fmt::format("the filter {} is not a regular expression: {}",
                                         engine::support::in_quotes(text), problem.what()));
  }
}

std::uint64_t size_max_of(effort spent) {
  switch (spent) {
    case effort::smoke:
    case effort::quick:
      return 100'000;
    case effort::full:
      break;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

row_filter::row_filter(const settings& chosen)
    : pattern_(compile(chosen.filter.starts_with('-') ? chosen.filter.substr(1) : chosen.filter)),
      inverted_(chosen.filter.starts_with('-')),
      size_max_(size_max_of(chosen.effort)) {}

std::vector<std::size_t> row_filter::select(const group& from) const {
  std::vector<std::size_t> selected;
  for (std::size_t index = 0; from.size <= size_max_ && index < from.candidates.size(); ++index) {
    if (std::regex_search(from.row_name(index), pattern_) != inverted_) {
      selected.push_back(index);
    }
  }
  return selected;
}

}  // namespace headroom
