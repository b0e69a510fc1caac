// What others do with a user's regular expression: RE2 compiled for each use, as is usual where a
// filter is a function of two texts; PCRE2, Hyperscan and std::regex compiled before.
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

inline std::string truth(bool holds) { return holds ? "true" : "false"; }

class re2_compiled_each_time {
 public:
  static constexpr std::string_view name = "re2_compiled_each_time";

  explicit re2_compiled_each_time(const regex_input& input) : input_(input) {}

  void run() {
    const RE2 expression(re2::StringPiece(input_.expression().data(), input_.expression().size()));
    if (input_.with().empty()) {
      answer_ = truth(RE2::PartialMatch(input_.text(), expression));
    } else {
      answer_ = input_.text();
      RE2::GlobalReplace(&answer_, expression, {input_.with().data(), input_.with().size()});
    }
  }

  [[nodiscard]] const std::string& answer() const { return answer_; }

 private:
  const regex_input& input_;
  std::string answer_;
};

class pcre2_regex {
 public:
  static constexpr std::string_view name = "pcre2_jit";

  explicit pcre2_regex(const regex_input& input)
      : input_(input), expression_(std::string(input.expression())) {}

  void run() {
    const std::string_view text = input_.text();
    if (input_.with().empty()) {
      answer_ = truth(expression_.match(text));
      return;
    }
    answer_.clear();
    std::size_t copied = 0;
    while (expression_.match(text, copied)) {  // No match of replace_case is empty.
      answer_.append(text, copied, expression_.begin() - copied);
      answer_.append(input_.with());
      copied = expression_.end();
    }
    answer_.append(text, copied);
  }

  [[nodiscard]] const std::string& answer() const { return answer_; }

 private:
  const regex_input& input_;
  pcre2_expression expression_;
  std::string answer_;
};

/// Says whether there is a match; where one begins, which replacing needs, is what it is not for.
class hyperscan_regex {
 public:
  static constexpr std::string_view name = "hyperscan";

  explicit hyperscan_regex(const regex_input& input)
      : input_(input),
        database_(std::string(input.expression()).c_str(), input.expression().size(), false) {}

  void run() {
    bool found = false;
    database_.scan(input_.text(), [&](std::size_t) { return found = true; });
    answer_ = truth(found);
  }

  [[nodiscard]] const std::string& answer() const { return answer_; }

 private:
  const regex_input& input_;
  hyperscan_database database_;
  std::string answer_;
};

class std_regex_filter {
 public:
  static constexpr std::string_view name = "std_regex";

  explicit std_regex_filter(const regex_input& input)
      : input_(input),
        expression_(std::string(input.expression()),
                    std::regex::ECMAScript | std::regex::optimize | std::regex::nosubs) {}

  void run() {
    if (input_.with().empty()) {
      answer_ = truth(std::regex_search(input_.text(), expression_));
    } else {
      answer_ = std::regex_replace(input_.text(), expression_, std::string(input_.with()));
    }
  }

  [[nodiscard]] const std::string& answer() const { return answer_; }

 private:
  const regex_input& input_;
  std::regex expression_;
  std::string answer_;
};

}  // namespace headroom::templating_bench
