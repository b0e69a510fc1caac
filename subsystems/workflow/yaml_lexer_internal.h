// What the pieces of a YAML text are, as far as an author's mistakes and JSON's ways need it: where
// quotes and brackets open and close, and which texts stand in neither.
//
// Reads the same pieces as yaml-cpp's scanner of well-formed texts. Of others it reads on, so that
// a message can name the quote or the bracket that was forgotten. Refers to the text. Linear in its
// length. For one thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace engine::workflow::internal {

enum class piece_kind {
  double_quoted,
  single_quoted,
  plain,
  block,     ///< with "|" or ">"
  opening,   ///< "[" or "{"
  closing,   ///< "]" or "}"
  comma,     ///< inside brackets
  colon,     ///< behind a key
  entry,     ///< "-" or "?"
  property,  ///< an anchor, an alias or a tag
  marker,    ///< "---" or "..."
  end,
};

struct piece {
  piece_kind kind;
  std::size_t begin;
  std::size_t end;
  /// Of quotes: they close before the text or the document ends.
  bool closed = true;
};

class yaml_lexer {
 public:
  explicit yaml_lexer(std::string_view text) : text_(text) {}

  /// The next piece; at the end of the text always the end.
  [[nodiscard]] piece next();

  /// The brackets that are open behind the last piece, the outermost first; behind a marker those
  /// that its document leaves open.
  [[nodiscard]] const std::vector<std::size_t>& open_brackets() const { return open_; }

 private:
  void skip_blanks_and_comments();
  [[nodiscard]] piece take_marker();
  [[nodiscard]] piece take_quoted(char quote);
  [[nodiscard]] piece take_plain();
  [[nodiscard]] piece take_block();
  [[nodiscard]] piece take_indicator(piece_kind kind);
  [[nodiscard]] piece take_bracket();
  [[nodiscard]] bool ends_plain(std::size_t at) const;
  // Where a text without quotes goes on behind the end of a line; npos if it does not.
  [[nodiscard]] std::size_t find_more_plain(std::size_t line_begin) const;
  [[nodiscard]] bool is_blank_at(std::size_t at) const;
  [[nodiscard]] bool is_marker_at(std::size_t line_begin) const;
  [[nodiscard]] int column_of(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::vector<std::size_t> open_;
  // Outside of brackets: what is indented deeper than this belongs to the value before.
  int parent_ = -1;
  // Where the piece stands that is a key if a colon follows.
  int key_column_ = -1;
  // The last piece ended with a quote or a bracket: a colon behind it needs no blank.
  bool after_quoted_ = false;
  bool after_marker_ = false;
};

}  // namespace engine::workflow::internal
