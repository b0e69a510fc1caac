#include "subsystems/support/quote.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/support/utf8.h"

namespace engine::support {
namespace {

using namespace std::string_view_literals;

std::string character(char32_t code) {
  std::string bytes;
  if (code < 0x80) {
    return {static_cast<char>(code)};
  }
  int continuations = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  const unsigned lead = 0xF00U >> static_cast<unsigned>(continuations + 1);
  bytes +=
      static_cast<char>((lead & 0xFFU) | (code >> (6U * static_cast<unsigned>(continuations))));
  while (continuations-- > 0) {
    bytes +=
        static_cast<char>(0x80U | ((code >> (6U * static_cast<unsigned>(continuations))) & 0x3FU));
  }
  return bytes;
}

TEST(quote, shows_input_on_one_line_and_cut_short) {
  struct row {
    std::string text;
    std::string shown;
  };
  const row rows[] = {
      {"", "\"\""},
      {"plain", "\"plain\""},
      {"a b/c-d_e.f:g", "\"a b/c-d_e.f:g\""},
      {"é€🕓 Größe 名前", "\"é€🕓 Größe 名前\""},
      {"a\nb\t\x7F", R"("a\x0ab\x09\x7f")"},
      {"a\xFF\xE2\x82", R"("a\xff\xe2\x82")"},
      {"\x1B[2J", R"("\x1b[2J")"},
      {"\xC2\x9B"
       "2J",
       R"("\u{9b}2J")"},
      {"\x9B"
       "2J",
       R"("\x9b2J")"},
      {"a\u202Eb\u2066", R"("a\u{202e}b\u{2066}")"},
      {"a\u00A0b\u200B\uFEFF", R"("a\u{a0}b\u{200b}\u{feff}")"},
      {"a\u2028b\u00AD", R"("a\u{2028}b\u{ad}")"},
      {"x\U000E0041", R"("x\u{e0041}")"},
      {std::string(80, 'a'), '"' + std::string(80, 'a') + '"'},
      {std::string(81, 'a'), '"' + std::string(80, 'a') + "…\""},
      {std::string(79, 'a') + "é", '"' + std::string(79, 'a') + "…\""},
      {std::string(78, 'a') + "é", '"' + std::string(78, 'a') + "é\""},
      {std::string(79, 'a') + "\n", '"' + std::string(79, 'a') + "\\x0a\""},
      {std::string(80, 'a') + "\n", '"' + std::string(80, 'a') + "…\""},
  };
  for (const row& each : rows) {
    EXPECT_EQ(in_quotes(each.text), each.shown);
    EXPECT_EQ(excerpt(each.text), each.shown.substr(1, each.shown.size() - 2));
  }
}

// A text that holds what an escape looks like is not taken for one.
TEST(quote, escapes_its_own_signs_where_they_could_mislead) {
  struct row {
    std::string_view text;
    std::string_view quoted;
    std::string_view bare;
  };
  const row rows[] = {
      {R"(say "hi")", R"("say \"hi\"")", R"(say "hi")"},
      {R"(^\d{4}\.)", R"("^\d{4}\.")", R"(^\d{4}\.)"},  // stays legible
      {R"(\x0a)", R"("\\x0a")", R"(\\x0a)"},
      {R"(\u{9b})", R"("\\u{9b}")", R"(\\u{9b})"},
      {R"(\\)", R"("\\\\")", R"(\\\)"},
      {R"(a\)", R"("a\\")", R"(a\)"},
      {R"(\")", R"("\\\"")", R"(\")"},
      {"\\\n", R"("\\\x0a")", R"(\\\x0a)"},
      {"\\\u200B", R"("\\\u{200b}")", R"(\\\u{200b})"},
      {"\\é", R"("\é")", R"(\é)"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(in_quotes(each.text), each.quoted);
    EXPECT_EQ(excerpt(each.text), each.bare);
  }
}

// Every text of four of the characters that matter, and of fewer.
TEST(quote, shows_different_texts_differently) {
  const std::string_view parts[] = {"\\", "\"",       "x",    "u", "0a", "{9b}",
                                    "\n", "\xC2\x9B", "\x9B", "a", "é",  "…"};
  std::map<std::string, std::string> quoted;
  std::map<std::string, std::string> bare;
  std::vector<std::string> texts = {""};
  for (std::size_t from = 0, length = 0; length <= 4; ++length) {
    const std::size_t end = texts.size();
    for (; from < end; ++from) {
      const std::string text = texts[from];
      const auto [same, fresh] = quoted.emplace(in_quotes(text), text);
      ASSERT_TRUE(fresh || same->second == text) << same->first;
      const auto [same_bare, fresh_bare] = bare.emplace(excerpt(text), text);
      ASSERT_TRUE(fresh_bare || same_bare->second == text) << same_bare->first;
      for (const std::string_view part : parts) {
        texts.push_back(text + std::string(part));
      }
    }
  }
}

TEST(quote, escapes_what_a_terminal_obeys_and_an_eye_misses) {
  const std::pair<char32_t, char32_t> hidden[] = {
      {0x00, 0x1F},        // C0 controls
      {0x7F, 0xA0},        // delete, C1 controls, no-break space
      {0xAD, 0xAD},        // soft hyphen
      {0x61C, 0x61C},      // Arabic letter mark
      {0x1680, 0x1680},    // Ogham space
      {0x180E, 0x180E},    // Mongolian vowel separator
      {0x2000, 0x200A},    // spaces
      {0x200B, 0x200F},    // zero-width characters, marks of direction
      {0x2028, 0x2029},    // separators of lines and paragraphs
      {0x202A, 0x202F},    // embeddings, overrides, narrow no-break space
      {0x205F, 0x2064},    // mathematical space, word joiner, invisible operators
      {0x2066, 0x206F},    // isolates, deprecated format controls
      {0x2800, 0x2800},    // blank braille pattern
      {0x3000, 0x3000},    // ideographic space
      {0x3164, 0x3164},    // Hangul filler
      {0xFE00, 0xFE0F},    // variation selectors
      {0xFEFF, 0xFEFF},    // byte order mark
      {0xFFF9, 0xFFFB},    // interlinear annotations
      {0x1D173, 0x1D17A},  // musical format controls
      {0xE0001, 0xE0001},  // language tag
      {0xE0020, 0xE007F},  // tags
      {0xE0100, 0xE01EF},  // variation selectors
  };
  for (const auto& [first, last] : hidden) {
    for (char32_t code = first; code <= last; ++code) {
      const auto number = static_cast<std::uint32_t>(code);
      EXPECT_EQ(excerpt("a" + character(code) + "b"), number < 0x80
                                                          ? fmt::format("a\\x{:02x}b", number)
                                                          : fmt::format("a\\u{{{:x}}}b", number));
    }
  }
}

TEST(quote, leaves_letters_and_symbols_alone) {
  const std::string_view shown[] = {"äöüß",   "Ελλάδα", "עברית", "العربية", "हिन्दी",
                                    "日本語", "한국어", "…–—“”", "№ ½ ± µ", "⠁",
                                    "😀",      "\uFFFD", "\u00AE"};
  for (const std::string_view text : shown) {
    EXPECT_EQ(excerpt(text), text);
  }
}

TEST(quote, shows_the_whole_of_what_is_needed_whole) {
  const std::string path = "/" + std::string(300, 'd') + "/\x1B]0;title\x07.yaml";
  EXPECT_EQ(printable(path), "/" + std::string(300, 'd') + R"(/\x1b]0;title\x07.yaml)");
  EXPECT_EQ(printable("one\ntwo\r\n\u202E", line_ends::kept), "one\ntwo\\x0d\n\\u{202e}");
  EXPECT_EQ(printable("one\ntwo"), "one\\x0atwo");
}

TEST(quote, goes_on_at_the_end_of_a_message) {
  std::string message = "cycle: ";
  append_excerpt(message, "a\nb");
  append_excerpt(message, "c");
  EXPECT_EQ(message, "cycle: a\\x0abc");
}

TEST(quote, suggests_only_what_is_near) {
  EXPECT_EQ(did_you_mean("timeout"), "; did you mean \"timeout\"?");
  EXPECT_EQ(did_you_mean("a\u202E"), R"(; did you mean "a\u{202e}"?)");
  EXPECT_EQ(did_you_mean(""), "");
}

}  // namespace
}  // namespace engine::support
