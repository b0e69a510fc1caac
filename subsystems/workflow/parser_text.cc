#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "subsystems/workflow/parser_text_internal.h"
#include "subsystems/workflow/yaml_lexer_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::string_view blank_characters = " \t\r\n";
constexpr std::size_t escape_bytes = 6;  // \uXXXX

// How far ahead of a key's first byte the parser looks for its colon.
constexpr std::size_t plain_key_bytes_max = 1'024;

std::string with_line_feeds(std::string_view text) {
  std::string mended(text);
  for (std::size_t at = 0; (at = mended.find('\r', at)) != std::string::npos; ++at) {
    if (at + 1 == mended.size() || mended[at + 1] != '\n') {
      mended[at] = '\n';
    }
  }
  return mended;
}

bool is_marker(std::string_view line) {
  return (line.starts_with("---") || line.starts_with("...")) &&
         (line.size() == 3 || blank_characters.find(line[3]) != std::string_view::npos);
}

// Whether a document is still to begin behind `line`.
bool holds_nothing(std::string_view line) {
  const std::size_t first = line.find_first_not_of(blank_characters);
  return first == std::string_view::npos || line[first] == '#';
}

// The code unit that `text` starts with as an escape.
std::optional<std::uint32_t> escaped_unit(std::string_view text) {
  if (!text.starts_with("\\u") || text.size() < escape_bytes) {
    return std::nullopt;
  }
  std::uint32_t unit = 0;
  const char* const end = text.data() + escape_bytes;
  const auto [stop, problem] = std::from_chars(text.data() + 2, end, unit, 16);
  return problem == std::errc() && stop == end ? std::optional(unit) : std::nullopt;
}

// The character that `text` starts with as two escapes.
std::optional<std::uint32_t> escaped_pair(std::string_view text) {
  const std::optional<std::uint32_t> high = escaped_unit(text);
  if (!high || *high < 0xD800 || *high > 0xDBFF) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> low = escaped_unit(text.substr(escape_bytes));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) {
    return std::nullopt;
  }
  return 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00);
}

// What the parser must be told of a document that begins with a bracket: where quotes are that may
// hold pairs, and which of them are keys that it would not take for any.
class json_keys {
 public:
  explicit json_keys(std::string_view document) : document_(document), pieces_(document) {}

  struct quoted {
    std::size_t begin;
    std::size_t end;
    bool needs_mark;
  };

  // The next text in double quotes; nothing behind the outermost bracket.
  std::optional<quoted> next() {
    while (!done_) {
      const piece found = pieces_.next();
      const bool is_first = begins_member_;
      begins_member_ = found.kind == piece_kind::comma || opens_map(found);
      done_ = found.kind == piece_kind::end ||
              (found.kind == piece_kind::closing && pieces_.open_brackets().empty());
      if (found.kind == piece_kind::double_quoted) {
        return quoted{found.begin, found.end, is_first && in_map() && needs_mark(found)};
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool opens_map(const piece& found) const {
    return found.kind == piece_kind::opening && document_[found.begin] == '{';
  }

  [[nodiscard]] bool in_map() const {
    return !pieces_.open_brackets().empty() && document_[pieces_.open_brackets().back()] == '{';
  }

  // It is a key, and its colon is too far away.
  [[nodiscard]] bool needs_mark(const piece& key) const {
    const std::size_t colon = document_.find_first_not_of(blank_characters, key.end);
    if (colon == std::string_view::npos || document_[colon] != ':') {
      return false;
    }
    const std::string_view ahead = document_.substr(key.begin, colon - key.begin);
    return ahead.size() > plain_key_bytes_max || ahead.find('\n') != std::string_view::npos;
  }

  std::string_view document_;
  yaml_lexer pieces_;
  bool begins_member_ = false;
  bool done_ = false;
};

}  // namespace

parser_text::parser_text(std::string_view manifest, question_marks marks) : marks_(marks) {
  const std::string mended = with_line_feeds(manifest);
  const std::string_view text = mended;
  text_.reserve(text.size() + 8);
  std::size_t document = 0;     // where the one begins that is not added yet
  bool is_empty = true;         // it has no value so far
  std::uint32_t directive = 0;  // the line of its first one
  std::uint32_t number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string_view line = text.substr(at, end - at);
    if (line.starts_with(byte_order_mark)) {
      std::string_view behind = line;
      while (behind.starts_with(byte_order_mark)) {
        behind.remove_prefix(byte_order_mark.size());
      }
      if (is_empty || is_marker(behind)) {
        add_document(text.substr(document, at - document));
        document = at + (line.size() - behind.size());
        line = behind;
      }
    }
    if (is_marker(line)) {
      directive = line[0] == '-' ? 0 : directive;
      const std::size_t begin = end - line.size();
      add_document(text.substr(document, begin - document));
      copy(line.substr(0, 3));
      document = begin + 3;
      line.remove_prefix(3);
      is_empty = true;
    }
    if (is_empty && line.starts_with('%')) {
      directive = directive == 0 ? number : directive;
    } else {
      is_empty = is_empty && holds_nothing(line);
    }
    if (directive != 0 && !is_empty && stray_directive_.line == 0) {
      stray_directive_ = {directive, 1};
    }
    at = end;
  }
  if (directive != 0 && stray_directive_.line == 0) {
    stray_directive_ = {directive, 1};
  }
  add_document(text.substr(document));
  // The parser overlooks a quote or a line that the end of the text cuts short, but not one that an
  // explicit end of document does.
  copy(text_.ends_with('\n') ? "...\n" : "\n...\n");
}

position parser_text::original(position seen) const {
  const auto after = std::upper_bound(
      shifts_.begin(), shifts_.end(), seen, [](position wanted, const shift& each) {
        return std::pair(wanted.line, wanted.column) < std::pair(each.from.line, each.from.column);
      });
  if (after == shifts_.begin() || std::prev(after)->from.line != seen.line) {
    return seen;
  }
  const std::int64_t column = seen.column + std::prev(after)->columns;
  return {seen.line, static_cast<std::uint32_t>(std::max<std::int64_t>(column, 1))};
}

void parser_text::add_document(std::string_view document) {
  std::size_t first = 0;
  while (first < document.size() && holds_nothing(document.substr(first, 1))) {
    first = document[first] == '#' ? std::min(document.find('\n', first), document.size())
                                   : document.find_first_not_of(blank_characters, first);
    first = std::min(first, document.size());
  }
  const bool is_json =
      first < document.size() && (document[first] == '{' || document[first] == '[');
  copy(document.substr(0, first));
  if (is_json) {
    add_json(document.substr(first));
  } else if (marks_ == question_marks::between_quotes) {
    add_with_quotes(document.substr(first));
  } else {
    copy(document.substr(first));
  }
}

void parser_text::add_json(std::string_view document) {
  json_keys keys(document);
  std::size_t copied = 0;
  while (const std::optional<json_keys::quoted> found = keys.next()) {
    if (found->needs_mark) {
      copy(document.substr(copied, found->begin - copied));
      replace({}, "? ");
      copied = found->begin;
    }
    const std::string_view quoted = document.substr(0, found->end);
    for (std::size_t at = quoted.find('\\', found->begin); at < quoted.size();
         at = quoted.find('\\', at)) {
      const auto character = escaped_pair(quoted.substr(at));
      if (!character) {
        at += 2;  // What is escaped may be a backslash.
        continue;
      }
      copy(document.substr(copied, at - copied));
      replace(document.substr(at, 2 * escape_bytes), fmt::format("\\U{:08X}", *character));
      at += 2 * escape_bytes;
      copied = at;
    }
  }
  copy(document.substr(copied));
}

void parser_text::add_with_quotes(std::string_view document) {
  yaml_lexer pieces(document);
  std::size_t copied = 0;
  for (piece found = pieces.next(); found.kind != piece_kind::end; found = pieces.next()) {
    const std::string_view plain = document.substr(found.begin, found.end - found.begin);
    if (found.kind != piece_kind::plain || pieces.open_brackets().empty() ||
        plain.find('?') == std::string_view::npos || plain.find('\n') != std::string_view::npos) {
      continue;
    }
    std::string quoted = "'";
    for (const char c : plain) {
      quoted.append(c == '\'' ? 2U : 1U, c);
    }
    quoted += '\'';
    copy(document.substr(copied, found.begin - copied));
    replace(plain, quoted);
    copied = found.end;
  }
  copy(document.substr(copied));
}

void parser_text::copy(std::string_view part) {
  const std::size_t begin = text_.size();
  text_ += part;
  if (const std::size_t last = part.rfind('\n'); last != std::string_view::npos) {
    line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    line_begin_ = begin + last + 1;
  }
}

void parser_text::replace(std::string_view part, std::string_view by) {
  text_ += by;
  const position from = {static_cast<std::uint32_t>(line_),
                         static_cast<std::uint32_t>(text_.size() - line_begin_ + 1)};
  const std::int64_t before =
      shifts_.empty() || shifts_.back().from.line != from.line ? 0 : shifts_.back().columns;
  const auto longer = static_cast<std::int64_t>(part.size()) - static_cast<std::int64_t>(by.size());
  shifts_.push_back({from, before + longer});
}

}  // namespace engine::workflow::internal
