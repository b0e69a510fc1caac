#include "bench/templating/regex_input.h"

#include <fmt/format.h>

namespace headroom::templating_bench {
namespace {

bool is_kept(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// What replace_case gives: runs of other characters become one hyphen.
std::string hyphenated(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_kept(c)) {
      result += c;
    } else if (result.empty() || result.back() != '-') {
      result += '-';
    }
  }
  return result;
}

}  // namespace

regex_input::regex_input(const regex_case& chosen) : case_(chosen) {
  for (std::size_t at = 0; at < chosen.times; ++at) {
    text_ += chosen.unit;
  }
  text_ += chosen.end;
  if (!chosen.with.empty()) {
    expected_ = hyphenated(text_);
  } else {
    expected_ = chosen.name == match_case.name ? "true" : "false";
  }
}

std::string regex_input::mismatch(const std::string& answer) const {
  return answer == expected_ ? "" : fmt::format("\"{}\" instead of \"{}\"", answer, expected_);
}

}  // namespace headroom::templating_bench
