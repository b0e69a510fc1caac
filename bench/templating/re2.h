// Candidate `re2`: RE2 without groups, which its header calls the cheaper the fewer they are, so
// that its DFA does all the work.
#pragma once

#include <cstddef>
#include <re2/re2.h>
#include <string_view>

#include "bench/templating/substitution.h"

namespace headroom::templating_bench {

class re2_matcher {
 public:
  static constexpr std::string_view name = "re2";

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) {
    const re2::StringPiece whole(text.data(), text.size());
    re2::StringPiece found;
    std::size_t at = 0;
    while (expression_.Match(whole, at, text.size(), RE2::UNANCHORED, &found, 1)) {
      const auto begin = static_cast<std::size_t>(found.data() - text.data());
      at = begin + found.size();
      visit(begin, at);
    }
  }

 private:
  RE2 expression_{R"(\{\{[^{}]*\}\})"};
};

using re2_peer = substitution<re2_matcher>;

}  // namespace headroom::templating_bench
