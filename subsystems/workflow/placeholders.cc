#include <algorithm>

#include "subsystems/workflow/placeholders_internal.h"

namespace engine::workflow::internal {
namespace {

// The offsets of the first openings of `text`, at most `count_max` of them.
std::vector<std::size_t> find_openings(std::string_view text, std::size_t count_max) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; found.size() < count_max; at += opening_braces.size()) {
    at = text.find(opening_braces, at);
    if (at == std::string_view::npos) {
      break;
    }
    found.push_back(at);
  }
  return found;
}

// Behind an anchor and a tag, which the parser counts as part of the scalar, and the blanks and
// comments behind them. A quote may follow a tag at once, but is part of an anchor.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (blanks.find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '&') {
      at = std::min(text.find_first_of(blanks, at), text.size());
    } else if (text[at] == '!') {
      at = std::min(text.find_first_of(" \t\r\n\"", at), text.size());
    } else {
      break;
    }
  }
  return at;
}

// At the quote that closes a text which begins at `at`.
std::size_t closing_quote(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '"') {
    at += text[at] == '\\' ? 2U : 1U;
  }
  return std::min(at, text.size());
}

// The offsets of the openings of a scalar whose value has `count` of them. Only between double
// quotes can a value have other openings than its source. Elsewhere the first ones behind the start
// are the scalar's, so that its end need not be known.
std::vector<std::size_t> openings_in_source(std::string_view text, std::size_t offset,
                                            std::size_t count) {
  std::size_t begin = skip_properties(text, offset);
  const char style = begin < text.size() ? text[begin] : ' ';
  std::vector<std::size_t> found;
  if (style == '"') {
    ++begin;
    found = find_openings(text.substr(begin, closing_quote(text, begin) - begin), count + 1);
  } else {
    if (style == '|' || style == '>') {  // A comment may follow in this line.
      begin = std::min(text.find('\n', begin), text.size());
    }
    found = find_openings(text.substr(begin), count);
  }
  for (std::size_t& each : found) {
    each += begin;
  }
  return found;
}

// "|", blanks, and the name of a filter that takes a regular expression, wherever it stands.
std::size_t count_patterns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find('|'); at != std::string_view::npos; at = text.find('|', at + 1)) {
    const std::size_t name_at = std::min(text.find_first_not_of(blanks, at + 1), text.size());
    const std::string_view name = text.substr(name_at);
    count += name.starts_with("match") || name.starts_with("replace") ? 1U : 0U;
  }
  return count;
}

}  // namespace

std::size_t count_openings(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(opening_braces, at)) != std::string_view::npos;) {
    at += opening_braces.size();
    ++count;
  }
  return count;
}

std::vector<position> opening_positions(std::string_view manifest, std::size_t offset,
                                        position where, std::string_view value) {
  const std::size_t count = count_openings(value);
  if (count == 0) {
    return {};
  }
  const std::vector<std::size_t> openings = openings_in_source(manifest, offset, count);
  if (openings.size() != count) {
    return std::vector<position>(count, where);
  }
  std::vector<position> found;
  found.reserve(count);
  for (const std::size_t each : openings) {
    for (; offset < each; ++offset) {
      const bool ends_line = manifest[offset] == '\n';
      where.line += ends_line ? 1U : 0U;
      where.column = ends_line ? 1U : where.column + 1;
    }
    found.push_back(where);
  }
  return found;
}

placeholder_survey survey_placeholders(const node& from) {
  placeholder_survey survey;
  std::vector<const node*> waiting = {&from};
  while (!waiting.empty()) {
    const node& next = *waiting.back();
    waiting.pop_back();
    if (!next.placeholders.empty()) {
      survey.where.insert(survey.where.end(), next.placeholders.begin(), next.placeholders.end());
      survey.patterns += count_patterns(next.text);
    }
    waiting.insert(waiting.end(), next.items.rbegin(), next.items.rend());
    for (auto each = next.members.rbegin(); each != next.members.rend(); ++each) {
      waiting.push_back(each->value);
    }
  }
  return survey;
}

}  // namespace engine::workflow::internal
