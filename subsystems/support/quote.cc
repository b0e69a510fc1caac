#include "subsystems/support/quote.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "subsystems/support/utf8.h"

namespace engine::support {
namespace {

struct code_range {
  char32_t first;
  char32_t last;
};

// What is written out, beyond ASCII; ascending.
constexpr std::array<code_range, 29> hidden = {{
    {0x0080, 0x00A0},    // C1 controls, no-break space
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x0600, 0x0605},    // signs that go before Arabic numbers
    {0x061C, 0x061C},    // Arabic letter mark
    {0x06DD, 0x06DD},    // Arabic end of ayah
    {0x070F, 0x070F},    // Syriac abbreviation mark
    {0x0890, 0x0891},    // Arabic pound and piastre marks
    {0x08E2, 0x08E2},    // Arabic disputed end of ayah
    {0x115F, 0x1160},    // Hangul fillers
    {0x1680, 0x1680},    // Ogham space
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180B, 0x180F},    // Mongolian variation selectors, vowel separator
    {0x2000, 0x200F},    // spaces, zero-width characters, left-to-right and right-to-left marks
    {0x2028, 0x202F},    // line and paragraph separators, bidirectional embeddings and overrides
    {0x205F, 0x206F},    // mathematical space, word joiner, invisible operators, isolates
    {0x2800, 0x2800},    // blank braille pattern
    {0x3000, 0x3000},    // ideographic space
    {0x3164, 0x3164},    // Hangul filler
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // ignorable, interlinear annotations
    {0x110BD, 0x110BD},  // Kaithi number sign
    {0x110CD, 0x110CD},  // Kaithi number sign above
    {0x13430, 0x1343F},  // Egyptian hieroglyph joiners
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical symbol format controls
    {0xE0000, 0xE0FFF},  // tags, variation selectors
}};

bool is_hidden(char32_t character) {
  const auto* const found = std::lower_bound(
      hidden.begin(), hidden.end(), character,
      [](const code_range& range, char32_t wanted) { return range.last < wanted; });
  return found != hidden.end() && found->first <= character;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool stands_as_it_is(char c) { return c >= 0x20 && c < 0x7F && c != '\\' && c != '"'; }

// Appends text to a message, as it may be shown.
class writer {
 public:
  writer(std::string& message, bool quotes, line_ends lines)
      : message_(message), quotes_(quotes), lines_(lines) {}

  void write(std::string_view text, std::size_t bytes_max) {
    for (std::size_t at = 0; at < text.size();) {
      if (const std::size_t plain = write_plain(text.substr(at, bytes_max - at)); plain > 0) {
        at += plain;
        continue;
      }
      const std::size_t bytes = character_bytes(text.substr(at));
      const std::size_t step = std::max<std::size_t>(bytes, 1);
      if (step > bytes_max - at) {
        return finish("…");
      }
      write_one(text.substr(at, step), bytes > 0);
      at += step;
    }
    finish("");
  }

 private:
  // What `text` starts with and needs no look at each character.
  std::size_t write_plain(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), stands_as_it_is);
    const auto plain = static_cast<std::size_t>(end - text.begin());
    if (plain > 0) {
      settle(text.front());
      message_ += text.substr(0, plain);
    }
    return plain;
  }

  // One character, or one byte that is none.
  void write_one(std::string_view character, bool is_character) {
    const char first = character.front();
    const bool is_kept = first == '\n' && lines_ == line_ends::kept;
    if (!is_character || (is_control(first) && !is_kept)) {
      settle('\\');
      fmt::format_to(std::back_inserter(message_), "\\x{:02x}", static_cast<unsigned char>(first));
    } else if (character.size() > 1 && is_hidden(code_point(character))) {
      settle('\\');
      fmt::format_to(std::back_inserter(message_), "\\u{{{:x}}}",
                     static_cast<std::uint32_t>(code_point(character)));
    } else if (first == '"' && quotes_) {
      settle('\\');
      message_ += "\\\"";
    } else {
      settle(first);
      has_backslash_ = first == '\\';
      message_ += has_backslash_ ? std::string_view() : character;
    }
  }

  // A backslash at the end must not seem to escape the quote that follows.
  void finish(std::string_view end) {
    settle(quotes_ && end.empty() ? '"' : ' ');
    message_ += end;
  }

  // Writes the backslash that waits to see what follows.
  void settle(char next) {
    if (has_backslash_) {
      const bool is_ambiguous =
          next == '\\' || next == 'x' || next == 'u' || (next == '"' && quotes_);
      message_ += is_ambiguous ? "\\\\" : "\\";
    }
    has_backslash_ = false;
  }

  std::string& message_;
  bool quotes_;
  line_ends lines_;
  bool has_backslash_ = false;
};

}  // namespace

void append_excerpt(std::string& message, std::string_view text) {
  writer(message, false, line_ends::escaped).write(text, quoted_bytes_max);
}

std::string excerpt(std::string_view text) {
  std::string shown;
  append_excerpt(shown, text);
  return shown;
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  writer(shown, true, line_ends::escaped).write(text, quoted_bytes_max);
  return shown += '"';
}

std::string printable(std::string_view text, line_ends lines) {
  std::string shown;
  writer(shown, false, lines).write(text, text.size());
  return shown;
}

std::string did_you_mean(std::string_view nearest) {
  return nearest.empty() ? std::string() : fmt::format("; did you mean {}?", in_quotes(nearest));
}

}  // namespace engine::support
