// Candidate `hyperscan`: Hyperscan looks for "{{" as a literal, without the start of a match: the
// flag that reports it is what its manual calls dear. The end of a placeholder is near and found by
// hand. This was the fastest of: this, both braces as literals, and the whole expression with
// starts. The scratch space is made once.
#pragma once

#include <cstddef>
#include <hs/hs.h>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "bench/templating/substitution.h"

namespace headroom::templating_bench {

/// A database of one expression, and its scratch space.
class hyperscan_database {
 public:
  /// Throws std::runtime_error if Hyperscan cannot compile it.
  hyperscan_database(const char* expression, std::size_t size, bool is_literal) {
    hs_database_t* made = nullptr;
    hs_compile_error_t* problem = nullptr;
    const hs_error_t status =
        is_literal
            ? hs_compile_lit(expression, 0, size, HS_MODE_BLOCK, nullptr, &made, &problem)
            : hs_compile(expression, HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, nullptr, &made, &problem);
    database_.reset(made);
    hs_free_compile_error(problem);
    hs_scratch_t* scratch = nullptr;
    if (status != HS_SUCCESS || hs_alloc_scratch(made, &scratch) != HS_SUCCESS) {
      throw std::runtime_error("Hyperscan cannot compile its expression");
    }
    scratch_.reset(scratch);
  }

  /// Calls visit(end) behind each match; stops when it returns true.
  template <class Visit>
  void scan(std::string_view text, Visit&& visit) {
    using visitor = std::remove_reference_t<Visit>;
    hs_scan(
        database_.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch_.get(),
        [](unsigned, unsigned long long, unsigned long long end, unsigned, void* context) {
          return (*static_cast<visitor*>(context))(static_cast<std::size_t>(end)) ? 1 : 0;
        },
        &visit);
  }

 private:
  struct release {
    void operator()(hs_database_t* each) const { hs_free_database(each); }
    void operator()(hs_scratch_t* each) const { hs_free_scratch(each); }
  };

  std::unique_ptr<hs_database_t, release> database_;
  std::unique_ptr<hs_scratch_t, release> scratch_;
};

class hyperscan_matcher {
 public:
  static constexpr std::string_view name = "hyperscan";

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) {
    std::size_t taken = 0;  // before this, all is decided
    database_.scan(text, [&](std::size_t inside) {
      if (inside < taken + 2) {
        return false;
      }
      const std::size_t at = find_brace(text, inside);
      if (at + 1 < text.size() && text[at] == '}' && text[at + 1] == '}') {
        visit(inside - 2, at + 2);
        taken = at + 2;
      }
      return false;
    });
  }

 private:
  // The first brace from `from` on. Mostly it is near, and closes; a text full of openings must not
  // be read to its end for each of them.
  static std::size_t find_brace(std::string_view text, std::size_t from) {
    constexpr std::size_t near = 256;
    const std::string_view window = text.substr(from, near);
    const std::size_t closing = window.find('}');
    if (closing != std::string_view::npos &&
        window.substr(0, closing).find('{') == std::string_view::npos) {
      return from + closing;
    }
    while (from < text.size() && text[from] != '{' && text[from] != '}') {
      ++from;
    }
    return from;
  }

  hyperscan_database database_{"{{", 2, true};
};

using hyperscan = substitution<hyperscan_matcher>;

}  // namespace headroom::templating_bench
