#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/yaml_lexer_internal.h"
#include "subsystems/workflow/yaml_problem_internal.h"

namespace engine::workflow::internal {
namespace {

namespace parser_says = YAML::ErrorMsg;
using support::in_quotes;

struct translation {
  std::string_view from;  // yaml-cpp's words, or how they begin
  std::string_view to;
};

position position_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return {static_cast<std::uint32_t>(line),
          static_cast<std::uint32_t>(offset - (before.rfind('\n') + 1) + 1)};
}

std::string shown_place(std::string_view text, std::size_t offset) {
  const position where = position_at(text, offset);
  return fmt::format("line {}, column {}", where.line, where.column);
}

std::string_view character_at(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  return rest.substr(0, std::max<std::size_t>(support::character_bytes(rest), 1));
}

// Spaces that YAML does not know, and what no editor shows.
bool is_odd_space(std::string_view character) {
  return character.size() > 1 && support::excerpt(character) != character;
}

std::string name_of(std::string_view space) {
  if (space == "\t") {
    return "a tab";
  }
  const auto code = static_cast<std::uint32_t>(support::code_point(space));
  return code == 0xA0 ? "a no-break space (U+00A0)" : fmt::format("the character U+{:04X}", code);
}

// What stands between the start of a line and its first text; an item's "- " indents as well.
std::optional<yaml_problem> find_odd_indentation(std::string_view text, std::size_t offset) {
  for (std::size_t at = text.substr(0, offset).rfind('\n') + 1; at < text.size(); ++at) {
    const std::string_view character = character_at(text, at);
    if (character == "\t" || is_odd_space(character)) {
      return yaml_problem{position_at(text, at),
                          fmt::format("{} cannot indent; use spaces", name_of(character))};
    }
    if (character != " " && character != "-") {
      break;
    }
  }
  return std::nullopt;
}

// "a:" and a space that is none, in the line of `offset`.
std::optional<yaml_problem> find_odd_space_behind_colon(std::string_view text, std::size_t offset) {
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  for (std::size_t at = offset; (at = text.find(':', at)) < end; ++at) {
    if (const std::string_view behind = character_at(text, at + 1); is_odd_space(behind)) {
      return yaml_problem{position_at(text, at + 1),
                          fmt::format("{} behind \":\" is no space; use one", name_of(behind))};
    }
  }
  return std::nullopt;
}

// A line before that begins with "%", to the parser a directive and so the end of a document.
std::optional<yaml_problem> find_percent_before(std::string_view text, std::size_t offset) {
  const std::size_t last = text.substr(0, offset).find_last_not_of(" \t\r\n");
  const std::size_t line = last == std::string_view::npos ? 0 : text.rfind('\n', last) + 1;
  if (line >= offset || text[line] != '%') {
    return std::nullopt;
  }
  return yaml_problem{position_at(text, line), "a text cannot begin with \"%\" without quotes"};
}

// What the pieces of a document tell of a place in it.
struct surroundings {
  std::optional<piece> unclosed_quote;      // begins at or before it
  std::optional<piece> quote_over_lines;    // ends before it, the last one
  std::optional<std::size_t> open_bracket;  // around it, the innermost one
  std::optional<std::size_t> left_open;     // at or before it, never closed, the innermost one
};

surroundings look_around(std::string_view text, std::size_t offset) {
  surroundings seen;
  yaml_lexer pieces(text);
  for (;;) {
    const piece found = pieces.next();
    const std::vector<std::size_t>& open = pieces.open_brackets();
    const bool is_over = found.kind == piece_kind::end || found.kind == piece_kind::marker;
    if (is_over && found.begin >= offset) {
      const auto behind = std::upper_bound(open.begin(), open.end(), offset);
      seen.left_open = behind == open.begin() ? std::nullopt : std::optional(*std::prev(behind));
      return seen;
    }
    const bool is_quoted =
        found.kind == piece_kind::double_quoted || found.kind == piece_kind::single_quoted;
    if (is_quoted && !found.closed && found.begin <= offset) {
      seen.unclosed_quote = found;
      return seen;
    }
    if (is_quoted && found.end <= offset &&
        text.substr(found.begin, found.end - found.begin).find('\n') != std::string_view::npos) {
      seen.quote_over_lines = found;
    }
    if (found.begin < offset) {
      seen.open_bracket = open.empty() ? std::nullopt : std::optional(open.back());
    }
  }
}

yaml_problem explain_character(std::string_view text, std::size_t offset) {
  const std::string_view first = character_at(text, offset);
  const bool is_bracketed = look_around(text, offset).open_bracket.has_value();
  if (is_bracketed && first == "?") {
    return {position_at(text, offset),
            "inside brackets, a text with \"?\" must stand in quotes here"};
  }
  return {position_at(text, offset),
          fmt::format("{}a text cannot begin with {} without quotes",
                      is_bracketed && (first == "|" || first == ">") ? "inside brackets, " : "",
                      in_quotes(first))};
}

// yaml-cpp reports an escape behind its last character.
yaml_problem explain_escape(std::string_view text, std::size_t offset, std::string_view said) {
  if (said.starts_with(parser_says::INVALID_ESCAPE)) {
    const std::size_t begin = offset - std::min<std::size_t>(offset, 2);
    return {position_at(text, begin),
            fmt::format("\\{} is no escape; between double quotes a backslash is written \\\\",
                        support::excerpt(character_at(text, begin + 1)))};
  }
  for (const auto& [letter, bytes] :
       {std::pair('x', 4U), std::pair('u', 6U), std::pair('U', 10U)}) {
    const std::size_t begin = offset - std::min<std::size_t>(offset, bytes);
    const std::string_view escape = text.substr(begin, offset - begin);
    if (escape.size() == bytes && escape[0] == '\\' && escape[1] == letter) {
      const std::string_view why =
          said.starts_with(parser_says::INVALID_HEX) ? "is not of hexadecimal digits"
          : letter == 'u' ? "is half a character; \\U and eight digits make a whole one"
                          : "stands for no character";
      return {position_at(text, begin),
              fmt::format("the escape \\{} {}", support::excerpt(escape.substr(1)), why)};
    }
  }
  return {position_at(text, offset), support::excerpt(said)};
}

yaml_problem explain_closing(std::string_view text, std::size_t offset) {
  const std::optional<std::size_t> open = look_around(text, offset).open_bracket;
  const std::string shown = in_quotes(character_at(text, offset));
  return {position_at(text, offset),
          open ? fmt::format("{} does not close the {} of {}", shown,
                             in_quotes(text.substr(*open, 1)), shown_place(text, *open))
               : fmt::format("{} closes no bracket", shown)};
}

yaml_problem explain_item(std::string_view text, std::size_t offset) {
  return {position_at(text, offset),
          look_around(text, offset).open_bracket
              ? "inside brackets, commas part the items of a list, not \"- \""
              : "\"- \" cannot begin an item here; the first one stands in a line of its own"};
}

// "&" or "*" without a name behind it.
yaml_problem explain_lone(std::string_view text, std::size_t offset) {
  const std::size_t begin = offset - std::min<std::size_t>(offset, 1);
  return explain_character(text, begin);
}

// The plain sentence for yaml-cpp's words; of unknown ones, the words themselves.
std::string translated(std::string_view said) {
  // Those of 0.7, and the last ones of 0.8.
  static const std::array<translation, 30> translations = {{
      {parser_says::YAML_DIRECTIVE_ARGS, "%YAML takes a version and nothing else"},
      {parser_says::YAML_VERSION, "%YAML takes a version such as 1.2"},
      {parser_says::YAML_MAJOR_VERSION, "only version 1 of YAML is known"},
      {parser_says::REPEATED_YAML_DIRECTIVE, "%YAML is given twice"},
      {parser_says::TAG_DIRECTIVE_ARGS, "%TAG takes a handle and a prefix, and nothing else"},
      {parser_says::REPEATED_TAG_DIRECTIVE, "%TAG is given twice for this handle"},
      {parser_says::CHAR_IN_TAG_HANDLE,
       "a tag's handle, between two \"!\", has letters, digits and \"-\""},
      {parser_says::TAG_WITH_NO_SUFFIX, "the tag has no name behind its handle"},
      {parser_says::END_OF_VERBATIM_TAG, "the tag that begins with \"!<\" is not closed by \">\""},
      {parser_says::END_OF_MAP_FLOW, "\",\" or \"}\" is expected here"},
      {parser_says::END_OF_SEQ_FLOW, "\",\" or \"]\" is expected here"},
      {parser_says::END_OF_MAP,
       "a key with \":\" is expected here, indented like the first of its map"},
      {parser_says::END_OF_SEQ, "\"- \" is expected here, indented like the first of its list"},
      {parser_says::DOC_IN_SCALAR, "a quote before is not closed"},
      {parser_says::EOF_IN_SCALAR, "a quote before is not closed"},
      {parser_says::MULTIPLE_TAGS, "a second tag for the same value"},
      {parser_says::MULTIPLE_ANCHORS, "a second anchor for the same value"},
      {parser_says::TAB_IN_INDENTATION, "a tab cannot indent a line; use spaces"},
      {parser_says::MAP_KEY, "\"? \" cannot begin a key here"},
      {parser_says::MAP_VALUE,
       "\": \" cannot stand here; is the line indented as it should be? A text that holds \": \" "
       "must stand in quotes"},
      {parser_says::CHAR_IN_ALIAS, "the name of an alias cannot have this character"},
      {parser_says::CHAR_IN_ANCHOR, "the name of an anchor cannot have this character"},
      {parser_says::ZERO_INDENT_IN_BLOCK, "the digit behind \"|\" or \">\" must be 1 to 9"},
      {parser_says::CHAR_IN_BLOCK, "behind \"|\" or \">\" the text begins in the next line"},
      {parser_says::UNKNOWN_ANCHOR,
       "the referenced anchor is not defined; a text that begins with \"*\" must stand in quotes"},
      {parser_says::BAD_FILE, "values are nested too deeply"},
      {"unexpected scalar", "a comma or the end of a line is missing before this text"},
      {"plain value cannot start with flow indicator", "a text cannot begin so without quotes"},
      {"unexpected token after end of document", "the end of the document is expected here"},
      {"map keys must be unique", "a key is given twice"},
  }};
  const auto* const known =
      std::find_if(translations.begin(), translations.end(),
                   [said](const translation& each) { return said.starts_with(each.from); });
  return known == translations.end() ? support::excerpt(said) : std::string(known->to);
}

// Whether the words are of what a mistake before can lead to.
bool may_follow(std::string_view said) {
  for (const std::string_view each :
       {parser_says::DOC_IN_SCALAR, parser_says::EOF_IN_SCALAR, parser_says::END_OF_MAP,
        parser_says::END_OF_SEQ, parser_says::END_OF_MAP_FLOW, parser_says::END_OF_SEQ_FLOW,
        parser_says::BLOCK_ENTRY, parser_says::MAP_KEY, parser_says::MAP_VALUE,
        parser_says::TAB_IN_INDENTATION}) {
    if (said.starts_with(each)) {
      return true;
    }
  }
  return said.find("unexpected") != std::string_view::npos;
}

}  // namespace

std::size_t offset_of(std::string_view text, position where) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < where.line && at < text.size(); ++line) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  return std::min(at + where.column - 1, text.size());
}

std::optional<yaml_problem> find_odd_space(std::string_view text, std::size_t offset) {
  if (std::optional<yaml_problem> indentation = find_odd_indentation(text, offset)) {
    return indentation;
  }
  const std::string_view first = character_at(text, offset);
  return is_odd_space(first)
             ? std::optional(yaml_problem{
                   position_at(text, offset),
                   fmt::format("{} before a key is no space; use one", name_of(first))})
             : std::nullopt;
}

std::optional<yaml_problem> find_cause(std::string_view text, std::size_t offset) {
  const surroundings seen = look_around(text, offset);
  if (seen.unclosed_quote) {
    const std::size_t begin = seen.unclosed_quote->begin;
    return yaml_problem{position_at(text, begin),
                        fmt::format("the quote {} is not closed", text.substr(begin, 1))};
  }
  if (std::optional<yaml_problem> percent = find_percent_before(text, offset)) {
    return percent;
  }
  if (!seen.open_bracket) {
    if (std::optional<yaml_problem> odd = find_odd_indentation(text, offset)) {
      return odd;
    }
  }
  if (std::optional<yaml_problem> odd = find_odd_space_behind_colon(text, offset)) {
    return odd;
  }
  if (seen.quote_over_lines) {
    const auto [kind, begin, end, closed] = *seen.quote_over_lines;
    if (text.substr(end, offset - end).find('\n') == std::string_view::npos) {
      return yaml_problem{position_at(text, begin),
                          fmt::format("the quote {} closes only in {}; one before may be missing",
                                      text.substr(begin, 1), shown_place(text, end - 1))};
    }
  }
  if (seen.left_open) {
    return yaml_problem{
        position_at(text, *seen.left_open),
        fmt::format("the bracket {} is not closed", in_quotes(text.substr(*seen.left_open, 1)))};
  }
  return std::nullopt;
}

yaml_problem explain_yaml(std::string_view text, std::size_t offset, std::string_view said) {
  if (std::optional<yaml_problem> cause =
          may_follow(said) ? find_cause(text, offset) : std::nullopt) {
    return *std::move(cause);
  }
  if (said.starts_with(parser_says::INVALID_ESCAPE) || said.starts_with(parser_says::INVALID_HEX) ||
      said.starts_with(parser_says::INVALID_UNICODE)) {
    return explain_escape(text, offset, said);
  }
  if (said.starts_with(parser_says::ALIAS_NOT_FOUND) ||
      said.starts_with(parser_says::ANCHOR_NOT_FOUND)) {
    return explain_lone(text, offset);
  }
  const bool is_stray =
      said.starts_with(parser_says::END_OF_MAP) || said.starts_with(parser_says::END_OF_SEQ);
  if (said.starts_with(parser_says::UNKNOWN_TOKEN) ||
      (is_stray && character_at(text, offset) == "%")) {
    return explain_character(text, offset);
  }
  if (said.starts_with(parser_says::FLOW_END)) {
    return explain_closing(text, offset);
  }
  if (said.starts_with(parser_says::BLOCK_ENTRY)) {
    return explain_item(text, offset);
  }
  return {position_at(text, offset), translated(said)};
}

}  // namespace engine::workflow::internal
