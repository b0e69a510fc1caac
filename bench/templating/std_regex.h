// Candidate `std_regex`: std::regex, compiled once with `optimize`, and its iterator.
#pragma once

#include <cstddef>
#include <regex>
#include <string_view>

#include "bench/templating/substitution.h"

namespace headroom::templating_bench {

class std_regex_matcher {
 public:
  static constexpr std::string_view name = "std_regex";

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) {
    const char* const end = text.data() + text.size();
    for (std::cregex_iterator each(text.data(), end, expression_), last; each != last; ++each) {
      const auto begin = static_cast<std::size_t>(each->position());
      visit(begin, begin + static_cast<std::size_t>(each->length()));
    }
  }

 private:
  std::regex expression_{R"(\{\{[^{}]*\}\})", std::regex::ECMAScript | std::regex::optimize};
};

using std_regex = substitution<std_regex_matcher>;

}  // namespace headroom::templating_bench
