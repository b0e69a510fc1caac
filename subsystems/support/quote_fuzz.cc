// Any bytes in a message: a line of well-formed text with nothing in it that a terminal obeys or an
// eye misses, from which a text that is not cut off can be read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"

namespace {

namespace support = engine::support;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Some of each kind; the whole table is quote.cc's.
bool must_not_be_shown(char32_t c, bool with_line_ends) {
  return (c < 0x20 && !(c == '\n' && with_line_ends)) || (c >= 0x7F && c <= 0xA0) || c == 0xAD ||
         c == 0x61C || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
         (c >= 0x205F && c <= 0x206F) || c == 0x3000 || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
}

void check_shown(std::string_view shown, bool with_line_ends) {
  require(support::is_utf8(shown));
  while (!shown.empty()) {
    require(!must_not_be_shown(support::code_point(shown), with_line_ends));
    shown.remove_prefix(support::character_bytes(shown));
  }
}

std::string encoded(char32_t code) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (code < 0x800) {
    return {byte(0xC0 | (code >> 6U)), byte(0x80 | (code & 0x3FU))};
  }
  std::string text = code < 0x10000 ? std::string{byte(0xE0 | (code >> 12U))}
                                    : std::string{byte(0xF0 | (code >> 18U)),
                                                  byte(0x80 | ((code >> 12U) & 0x3FU))};
  return text += {byte(0x80 | ((code >> 6U) & 0x3FU)), byte(0x80 | (code & 0x3FU))};
}

// What `shown` stands for; with `quotes`, \" is a quote.
std::string read_again(std::string_view shown, bool quotes) {
  std::string text;
  for (std::size_t at = 0; at < shown.size();) {
    const char next = at + 1 < shown.size() ? shown[at + 1] : '\0';
    const bool is_escape = shown[at] == '\\' &&
                           (next == 'x' || next == 'u' || next == '\\' || (next == '"' && quotes));
    if (!is_escape) {
      text += shown[at++];
    } else if (next == 'x') {
      text += static_cast<char>(std::stoul(std::string(shown.substr(at + 2, 2)), nullptr, 16));
      at += 4;
    } else if (next == 'u') {
      const std::size_t end = shown.find('}', at);
      require(end != std::string_view::npos && shown[at + 2] == '{');
      const std::string digits(shown.substr(at + 3, end - at - 3));
      text += encoded(static_cast<char32_t>(std::stoul(digits, nullptr, 16)));
      at = end + 1;
    } else {
      text += next;
      at += 2;
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string bare = support::excerpt(text);
  const std::string quoted = support::in_quotes(text);
  const std::string whole = support::printable(text);
  const std::string lines = support::printable(text, support::line_ends::kept);
  check_shown(bare, false);
  check_shown(quoted, false);
  check_shown(whole, false);
  check_shown(lines, true);
  require(bare.size() <= 4 * support::quoted_bytes_max + 4);
  require(quoted.size() <= 4 * support::quoted_bytes_max + 6);
  require(whole.size() <= 4 * size && lines.size() <= 4 * size);
  require(quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"');
  require(read_again(whole, false) == text);
  require(read_again(lines, false) == text);
  if (size <= support::quoted_bytes_max) {
    require(read_again(bare, false) == text);
    require(read_again(std::string_view(quoted).substr(1, quoted.size() - 2), true) == text);
  }
  std::string appended = "a";
  support::append_excerpt(appended, text);
  require(appended == "a" + bare);
  require(support::did_you_mean(text).empty() == text.empty());
  return 0;
}
