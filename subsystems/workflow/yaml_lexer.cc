#include <algorithm>
#include <utility>

#include "subsystems/workflow/yaml_lexer_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::string_view brackets_and_comma = "[]{},";

bool is_in(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

}  // namespace

piece yaml_lexer::next() {
  if (std::exchange(after_marker_, false)) {
    open_.clear();
    parent_ = -1;
  }
  skip_blanks_and_comments();
  if (at_ >= text_.size()) {
    return {piece_kind::end, text_.size(), text_.size()};
  }
  const char c = text_[at_];
  if (is_marker_at(at_) && at_ == line_begin_) {
    return take_marker();
  }
  const bool follows_quoted = std::exchange(after_quoted_, false);
  if (c == ':' &&
      (is_blank_at(at_ + 1) || (!open_.empty() && (follows_quoted || ends_plain(at_))))) {
    parent_ = open_.empty() ? key_column_ : parent_;
    return take_indicator(piece_kind::colon);
  }
  if (is_in(c, "-?") && is_blank_at(at_ + 1)) {
    parent_ = open_.empty() ? column_of(at_) : parent_;
    return take_indicator(piece_kind::entry);
  }
  if (is_in(c, "[{]}")) {
    return take_bracket();
  }
  if (c == ',' && !open_.empty()) {
    return take_indicator(piece_kind::comma);
  }
  if (is_in(c, "|>") && open_.empty()) {
    return take_block();
  }
  key_column_ = column_of(at_);
  if (is_in(c, "\"'")) {
    return take_quoted(c);
  }
  if (is_in(c, "&*!")) {
    const std::size_t begin = at_;
    while (!is_blank_at(at_) && !(is_in(text_[at_], brackets_and_comma) && !open_.empty())) {
      ++at_;
    }
    return {piece_kind::property, begin, at_};
  }
  return take_plain();
}

void yaml_lexer::skip_blanks_and_comments() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      line_begin_ = ++at_;
    } else if (is_in(c, " \t\r")) {
      ++at_;
    } else if (c == '#' && (at_ == 0 || is_blank_at(at_ - 1))) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      break;
    }
  }
}

piece yaml_lexer::take_marker() {
  const std::size_t begin = at_;
  at_ += 3;
  after_marker_ = true;
  return {piece_kind::marker, begin, at_};
}

piece yaml_lexer::take_quoted(char quote) {
  const std::size_t begin = at_++;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      line_begin_ = ++at_;
      if (is_marker_at(at_)) {
        break;
      }
    } else if (c == '\\' && quote == '"') {
      at_ += text_.substr(at_).starts_with("\\\n") ? 1U : 2U;
    } else if (c == quote && quote == '\'' && text_.substr(at_).starts_with("''")) {
      at_ += 2;
    } else if (c == quote) {
      after_quoted_ = true;
      return {quote == '"' ? piece_kind::double_quoted : piece_kind::single_quoted, begin, ++at_};
    } else {
      ++at_;
    }
  }
  at_ = std::min(at_, text_.size());
  return {quote == '"' ? piece_kind::double_quoted : piece_kind::single_quoted, begin, at_, false};
}

piece yaml_lexer::take_plain() {
  const std::size_t begin = at_;
  std::size_t end = at_;
  while (at_ < text_.size()) {
    if (text_[at_] == '\n') {
      const std::size_t more = find_more_plain(at_ + 1);
      if (more == std::string_view::npos) {
        break;
      }
      at_ = more;
      line_begin_ = text_.rfind('\n', at_) + 1;
      continue;
    }
    if ((at_ > begin && ends_plain(at_)) || (text_[at_] == '#' && is_blank_at(at_ - 1))) {
      break;
    }
    ++at_;
    end = is_blank_at(at_ - 1) ? end : at_;
  }
  at_ = std::max(at_, begin + 1);
  return {piece_kind::plain, begin, std::max(end, begin + 1)};
}

// The lines that are blank or indented deeper than what the block belongs to.
piece yaml_lexer::take_block() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find('\n', at_), text_.size());
  while (at_ < text_.size()) {
    const std::size_t line = at_ + 1;
    const std::size_t first = std::min(text_.find_first_not_of(' ', line), text_.size());
    const bool is_blank = first == text_.size() || is_in(text_[first], "\r\n");
    if (!is_blank && (static_cast<int>(first - line) <= parent_ || is_marker_at(line))) {
      break;
    }
    at_ = std::min(text_.find('\n', line), text_.size());
  }
  return {piece_kind::block, begin, at_};
}

piece yaml_lexer::take_indicator(piece_kind kind) {
  ++at_;
  return {kind, at_ - 1, at_};
}

piece yaml_lexer::take_bracket() {
  if (is_in(text_[at_], "[{")) {
    open_.push_back(at_);
    return take_indicator(piece_kind::opening);
  }
  if (!open_.empty()) {
    open_.pop_back();
    after_quoted_ = true;
  }
  return take_indicator(piece_kind::closing);
}

bool yaml_lexer::ends_plain(std::size_t at) const {
  const char c = text_[at];
  if (c == ':' && (is_blank_at(at + 1) || (!open_.empty() && is_in(text_[at + 1], ",[]{}")))) {
    return true;
  }
  return !open_.empty() && is_in(c, brackets_and_comma);
}

std::size_t yaml_lexer::find_more_plain(std::size_t line_begin) const {
  const std::size_t first = text_.find_first_not_of(" \t\r\n", line_begin);
  if (first == std::string_view::npos || text_[first] == '#') {
    return std::string_view::npos;
  }
  const std::size_t line = text_.rfind('\n', first) + 1;
  const bool is_deeper = !open_.empty() || static_cast<int>(first - line) > parent_;
  return is_deeper && !is_marker_at(line) ? first : std::string_view::npos;
}

bool yaml_lexer::is_blank_at(std::size_t at) const {
  return at >= text_.size() || is_in(text_[at], " \t\r\n");
}

bool yaml_lexer::is_marker_at(std::size_t line_begin) const {
  const std::string_view line = text_.substr(line_begin);
  return (line.starts_with("---") || line.starts_with("...")) && is_blank_at(line_begin + 3);
}

int yaml_lexer::column_of(std::size_t at) const { return static_cast<int>(at - line_begin_); }

}  // namespace engine::workflow::internal
