#include "subsystems/workflow/depends_expression.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/first_mentions_internal.h"

namespace engine::workflow {
namespace {

constexpr std::array<std::string_view, 8> statuses = {"Succeeded",    "Failed",   "Errored",
                                                      "Skipped",      "Omitted",  "Daemoned",
                                                      "AnySucceeded", "AllFailed"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }

// The grammar is regular but for the parentheses, and a count does for these: no tree is wanted.
class depends_parser {
 public:
  explicit depends_parser(std::string_view text) : text_(text) {}

  result<std::vector<std::string_view>> parse() {
    do {
      read_operand();
    } while (!problem_ && read_operator());
    if (problem_) {
      return std::move(*problem_);
    }
    return internal::first_mentions(names_);
  }

 private:
  void read_operand() {
    while (accept("!") || accept("(")) {
      depth_ += text_[at_ - 1] == '(' ? 1U : 0U;
      if (depth_ > depends_depth_max) {
        return refuse(fmt::format("parentheses nested deeper than {}", depends_depth_max));
      }
    }
    const std::string_view name = read_name();
    if (name.empty()) {
      return refuse(fmt::format("a task name is expected, not {}", next()));
    }
    names_.push_back(name);
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      read_status(name);
    }
  }

  void read_status(std::string_view task) {
    const std::string_view status = read_name();
    if (std::find(statuses.begin(), statuses.end(), status) != statuses.end()) {
      return;
    }
    at_ -= status.size();
    support::guess_budget guesses;  // This ends the reading.
    const std::string_view nearest = support::nearest_name(status, statuses, guesses);
    refuse(fmt::format("{} is no status of task {}{}", support::in_quotes(status),
                       support::in_quotes(task), support::did_you_mean(nearest)));
  }

  // Closes parentheses; false at the end of the text.
  bool read_operator() {
    while (accept(")")) {
      if (depth_ == 0) {
        --at_;
        refuse("\")\" without \"(\"");
        return false;
      }
      --depth_;
    }
    if (accept("&&") || accept("||")) {
      return true;
    }
    if (at_ < text_.size()) {
      refuse(fmt::format("\"&&\" or \"||\" is expected, not {}", next()));
    } else if (depth_ > 0) {
      refuse("\")\" is missing");
    }
    return false;
  }

  bool accept(std::string_view token) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(token)) {
      return false;
    }
    at_ += token.size();
    return true;
  }

  std::string_view read_name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
  }

  [[nodiscard]] std::string next() const {
    if (at_ == text_.size()) {
      return "the end";
    }
    const std::string_view rest = text_.substr(at_);
    const std::size_t bytes = std::max<std::size_t>(support::character_bytes(rest), 1);
    return support::in_quotes(rest.substr(0, bytes));
  }

  void refuse(std::string_view message) {
    const std::string_view before = text_.substr(0, at_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = at_ - (before.rfind('\n') + 1) + 1;
    const auto characters = std::count_if(before.begin(), before.end(), begins_character);
    problem_ =
        error{.code = errc::bad_expression,
              .source = {},
              .where = {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)},
              .message = fmt::format("{} at character {}", message, characters + 1)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::string_view> names_;
  std::optional<error> problem_;
};

}  // namespace

result<std::vector<std::string_view>> parse_depends(std::string_view expression) {
  return depends_parser(expression).parse();
}

}  // namespace engine::workflow
