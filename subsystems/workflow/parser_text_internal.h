// A manifest's text as yaml-cpp can take it, and the way back from places in it to the author's.
//
// What yaml-cpp does not know, and where it is mended:
// - a lone carriage return ends a line, as YAML and old editors have it: it becomes a line feed;
// - a byte order mark at the start of a document, which tools leave that join files: it is left
//   out, and columns do not count it;
// - JSON's escape of a character beyond U+FFFF as a pair ("\ud83d\ude00"), which becomes YAML's
//   ("\U0001F600"). Lone halves stay, for the parser to refuse;
// - a key of JSON that is longer than 1,024 bytes or has its colon in another line, which the
//   parser takes for no key unless a question mark says so.
// The last two are mended only in a document that begins with a bracket, as JSON does, and there
// only in the double quotes inside of it. On demand, in other documents:
// - a question mark in a text without quotes inside brackets ("[curl, http://a/?b=c]"), which the
//   parser takes for the beginning of a key: the text is put between quotes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/workflow/position.h"

namespace engine::workflow::internal {

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class parser_text {
 public:
  enum class question_marks { as_they_are, between_quotes };

  /// Two passes over `manifest`.
  explicit parser_text(std::string_view manifest,
                       question_marks marks = question_marks::as_they_are);

  [[nodiscard]] const std::string& text() const { return text_; }

  /// The author's place of what the parser sees at `seen`. O(log(mended places)).
  [[nodiscard]] position original(position seen) const;
  /// A line that begins with "%" and no "---" before the text behind it, so that the parser would
  /// pass over it; line 0 if there is none.
  [[nodiscard]] position stray_directive() const { return stray_directive_; }

  /// original() need not be asked.
  [[nodiscard]] bool same_places() const { return shifts_.empty(); }

 private:
  // From this place on, to the end of its line, columns differ by so much.
  struct shift {
    position from;
    std::int64_t columns;
  };

  void add_document(std::string_view document);
  void add_json(std::string_view document);
  void add_with_quotes(std::string_view document);
  void copy(std::string_view part);
  void replace(std::string_view part, std::string_view by);

  question_marks marks_;
  std::string text_;
  std::size_t line_ = 1;
  std::size_t line_begin_ = 0;  // of line_, in text_
  std::vector<shift> shifts_;
  position stray_directive_;
};

}  // namespace engine::workflow::internal
