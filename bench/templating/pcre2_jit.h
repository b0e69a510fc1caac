// Candidate `pcre2_jit`: PCRE2, compiled to machine code and matched by pcre2_jit_match(), which
// leaves out the checks of pcre2_match(); match data and stack are made once.
#pragma once

#include <pcre2.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/templating/substitution.h"

namespace headroom::templating_bench {

/// A compiled expression with all that matching needs. Throws std::runtime_error if it does not
/// compile.
class pcre2_expression {
 public:
  explicit pcre2_expression(const std::string& text) {
    int problem = 0;
    PCRE2_SIZE where = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, &problem,
                              &where, nullptr));
    if (!code_ || pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE) != 0) {
      throw std::runtime_error("PCRE2 cannot compile " + text);
    }
    found_.reset(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
    context_.reset(pcre2_match_context_create(nullptr));
    stack_.reset(pcre2_jit_stack_create(std::size_t{32} << 10U, std::size_t{1} << 20U, nullptr));
    pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  }

  /// Whether it matches in `text` from `at` on.
  [[nodiscard]] bool match(std::string_view text, std::size_t at = 0) {
    return pcre2_jit_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                           0, found_.get(), context_.get()) > 0;
  }
  /// Of the last match.
  [[nodiscard]] std::size_t begin() const { return pcre2_get_ovector_pointer(found_.get())[0]; }
  [[nodiscard]] std::size_t end() const { return pcre2_get_ovector_pointer(found_.get())[1]; }

 private:
  struct release {
    void operator()(pcre2_code* each) const { pcre2_code_free(each); }
    void operator()(pcre2_match_data* each) const { pcre2_match_data_free(each); }
    void operator()(pcre2_match_context* each) const { pcre2_match_context_free(each); }
    void operator()(pcre2_jit_stack* each) const { pcre2_jit_stack_free(each); }
  };

  std::unique_ptr<pcre2_code, release> code_;
  std::unique_ptr<pcre2_match_data, release> found_;
  std::unique_ptr<pcre2_match_context, release> context_;
  std::unique_ptr<pcre2_jit_stack, release> stack_;
};

class pcre2_matcher {
 public:
  static constexpr std::string_view name = "pcre2_jit";

  template <class Visit>
  void for_each(std::string_view text, Visit&& visit) {
    std::size_t at = 0;
    while (expression_.match(text, at)) {
      at = expression_.end();
      visit(expression_.begin(), at);
    }
  }

 private:
  pcre2_expression expression_{R"(\{\{[^{}]*\}\})"};
};

using pcre2_jit = substitution<pcre2_matcher>;

}  // namespace headroom::templating_bench
