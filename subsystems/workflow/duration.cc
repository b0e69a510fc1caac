#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <system_error>

#include "subsystems/workflow/duration_internal.h"

namespace engine::workflow::internal {
namespace {

struct unit {
  std::string_view suffix;
  double milliseconds;
};

constexpr std::array<unit, 4> units = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Too great a number is out of a double's range as well as too small a one.
bool is_below_one(std::string_view number) { return number[number.find_first_not_of('0')] == '.'; }

// Removes the number that `text` starts with.
std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) {
    return std::nullopt;
  }
  double number = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (problem == std::errc::result_out_of_range && is_below_one(text)) {
    number = std::numeric_limits<double>::min();
  } else if (problem != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!is_digit(end[-1])) {  // "1."
    return std::nullopt;
  }
  return number;
}

std::string_view take_suffix(std::string_view& text) {
  const auto end = std::find_if(text.begin(), text.end(), is_digit);
  const std::string_view suffix = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(suffix.size());
  return suffix;
}

std::optional<std::chrono::milliseconds> rounded(double milliseconds) {
  if (milliseconds > static_cast<double>(duration_max.count())) {
    return std::nullopt;
  }
  const long long nearest = std::llround(milliseconds);
  return std::chrono::milliseconds(milliseconds > 0 ? std::max(nearest, 1LL) : nearest);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double total_ms = 0;
  auto allowed = units.begin();
  do {
    const std::optional<double> number = take_number(text);
    if (!number) {
      return std::nullopt;
    }
    if (text.empty() && allowed == units.begin()) {
      return rounded(*number * 1'000);
    }
    const std::string_view suffix = take_suffix(text);
    const auto matches = [suffix](const unit& each) { return each.suffix == suffix; };
    const auto found = std::find_if(allowed, units.end(), matches);
    if (found == units.end()) {
      return std::nullopt;
    }
    total_ms += *number * found->milliseconds;
    allowed = found + 1;
  } while (!text.empty());
  return rounded(total_ms);
}

}  // namespace engine::workflow::internal
