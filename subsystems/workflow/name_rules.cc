#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/name_rules_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::size_t work_name_bytes_max = 128;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string filled_in(std::string_view name) {
  std::string made;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t begin = name.find("{{", at);
    const std::size_t end = begin == std::string_view::npos ? begin : name.find("}}", begin);
    made += name.substr(at, end == std::string_view::npos ? end : begin - at);
    if (end == std::string_view::npos) {
      break;
    }
    made += 'x';
    at = end + 2;
  }
  return made;
}

std::string_view problem_of_name(std::string_view name, argo_name kind) {
  const bool is_work = kind == argo_name::of_work;
  const auto is_allowed = [is_work](char c) {
    return is_letter_or_digit(c) || c == '-' || (c == '_' && !is_work);
  };
  if (is_work && name.size() > work_name_bytes_max) {
    return "is longer than 128 bytes";
  }
  if (!std::all_of(name.begin(), name.end(), is_allowed)) {
    return is_work ? "has other characters than letters, digits and \"-\""
                   : "has other characters than letters, digits, \"-\" and \"_\"";
  }
  return is_work && name.starts_with('-') ? "begins with \"-\"" : "";
}

using support::in_quotes;

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
