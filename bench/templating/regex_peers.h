// What others do with a user's regular expression: RE2, PCRE2, Hyperscan and std::regex compiled
// before, and RE2 compiled for each use, as is usual where a filter is a function of two texts.
#pragma once

#include <cstddef>
#include <re2/re2.h>
#include <regex>
#include <string>
#include <string_view>

#include "bench/templating/hyperscan.h"
#include "bench/templating/pcre2_jit.h"
#include "bench/templating/regex_input.h"

namespace headroom::templating_bench {

/// Whether there is a match, or what replacing gives.
class regex_answer {
 public:
  explicit regex_answer(const regex_input& input) : replaces_(!input.with().empty()) {}

  bool matches = false;
  std::string replaced;

  [[nodiscard]] std::string text() const {
    return replaces_ ? replaced : matches ? "true" : "false";
  }

 private:
  bool replaces_;
};

inline void apply_re2(const RE2& expression, const regex_input& input, regex_answer& to) {
  if (input.with().empty()) {
    to.matches = RE2::PartialMatch(input.text(), expression);
  } else {
    to.replaced = input.text();
    RE2::GlobalReplace(&to.replaced, expression, {input.with().data(), input.with().size()});
  }
}

inline re2::StringPiece expression_of(const regex_input& input) {
  return {input.expression().data(), input.expression().size()};
}

class re2_regex {
 public:
  static constexpr std::string_view name = "re2";

  explicit re2_regex(const regex_input& input)
      : input_(input), expression_(expression_of(input)), answer_(input) {}

  void run() { apply_re2(expression_, input_, answer_); }

  [[nodiscard]] std::string answer() const { return answer_.text(); }

 private:
  const regex_input& input_;
  RE2 expression_;
  regex_answer answer_;
};

class re2_compiled_each_time {
 public:
  static constexpr std::string_view name = "re2_compiled_each_time";

  explicit re2_compiled_each_time(const regex_input& input) : input_(input), answer_(input) {}

  void run() { apply_re2(RE2(expression_of(input_)), input_, answer_); }

  [[nodiscard]] std::string answer() const { return answer_.text(); }

 private:
  const regex_input& input_;
  regex_answer answer_;
};

class pcre2_regex {
 public:
  static constexpr std::string_view name = "pcre2_jit";

  explicit pcre2_regex(const regex_input& input)
      : input_(input), expression_(std::string(input.expression())), answer_(input) {}

  void run() {
    const std::string_view text = input_.text();
    if (input_.with().empty()) {
      answer_.matches = expression_.match(text);
      return;
    }
    std::string& out = answer_.replaced;
    out.clear();
    std::size_t copied = 0;
    while (expression_.match(text, copied)) {  // No match of replace_case is empty.
      out.append(text, copied, expression_.begin() - copied);
      out.append(input_.with());
      copied = expression_.end();
    }
    out.append(text, copied);
  }

  [[nodiscard]] std::string answer() const { return answer_.text(); }

 private:
  const regex_input& input_;
  pcre2_expression expression_;
  regex_answer answer_;
};

/// Says whether there is a match; where one begins, which replacing needs, is what it is not for.
class hyperscan_regex {
 public:
  static constexpr std::string_view name = "hyperscan";

  explicit hyperscan_regex(const regex_input& input)
      : input_(input),
        database_(std::string(input.expression()).c_str(), input.expression().size(), false),
        answer_(input) {}

  void run() {
    answer_.matches = false;
    database_.scan(input_.text(), [&](std::size_t) { return answer_.matches = true; });
  }

  [[nodiscard]] std::string answer() const { return answer_.text(); }

 private:
  const regex_input& input_;
  hyperscan_database database_;
  regex_answer answer_;
};

class std_regex_filter {
 public:
  static constexpr std::string_view name = "std_regex";

  explicit std_regex_filter(const regex_input& input)
      : input_(input),
        expression_(std::string(input.expression()),
                    std::regex::ECMAScript | std::regex::optimize | std::regex::nosubs),
        with_(input.with()),
        answer_(input) {}

  void run() {
    if (with_.empty()) {
      answer_.matches = std::regex_search(input_.text(), expression_);
    } else {
      answer_.replaced = std::regex_replace(input_.text(), expression_, with_);
    }
  }

  [[nodiscard]] std::string answer() const { return answer_.text(); }

 private:
  const regex_input& input_;
  std::regex expression_;
  std::string with_;
  regex_answer answer_;
};

}  // namespace headroom::templating_bench
