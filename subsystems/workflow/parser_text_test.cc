#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "subsystems/workflow/parser_text_internal.h"

namespace engine::workflow::internal {
namespace {

using namespace std::string_literals;

const std::string mark = "\xEF\xBB\xBF";

// As the parser gets it, but for the end of the last document.
std::string mended(const std::string& manifest) {
  std::string text = parser_text(manifest).text();
  const std::string end = manifest.ends_with('\n') ? "...\n" : "\n...\n";
  EXPECT_TRUE(text.ends_with(end)) << text;
  text.resize(text.size() - end.size());
  return text;
}

TEST(parser_text, joins_pairs_of_escapes_in_json) {
  struct row {
    const char* json;
    const char* joined;
  };
  const row rows[] = {
      {R"(["plain \n \\ \""])", R"(["plain \n \\ \""])"},
      {R"(["\ud83d\ude00"])", R"(["\U0001F600"])"},
      {R"(["a\uD800\uDC00b\udbff\udfff"])", R"(["a\U00010000b\U0010FFFF"])"},
      {R"(["\u00e9\ud83d\ude00"])", R"(["\u00e9\U0001F600"])"},
      {R"(["\\\ud83d\ude00"])", R"(["\\\U0001F600"])"},
      {R"(["\\ud83d\ude00"])", R"(["\\ud83d\ude00"])"},
      {R"(["\ud83d"])", R"(["\ud83d"])"},
      {R"(["\ude00\ud83d"])", R"(["\ude00\ud83d"])"},
      {R"(["\ud83d\ud83d\ude00"])", R"(["\ud83d\U0001F600"])"},
      {R"(["\ud83d \ude00"])", R"(["\ud83d \ude00"])"},
      {R"(["\ud83d\n"])", R"(["\ud83d\n"])"},
      {R"(["\ud83d\ude0"])", R"(["\ud83d\ude0"])"},
      {R"(["\ud83d\u+e00"])", R"(["\ud83d\u+e00"])"},
      {R"(["\ud83"])", R"(["\ud83"])"},
      {R"(["\ud83d\)", R"(["\ud83d\)"},
      {R"({"\ud83d\ude00": {"a": ["\ud83d\ude00"]}})", R"({"\U0001F600": {"a": ["\U0001F600"]}})"},
      {R"({a: "\ud83d\ude00"})", R"({a: "\U0001F600"})"},
      {"# a note\n {\"a\": \"\\ud83d\\ude00\"}", "# a note\n {\"a\": \"\\U0001F600\"}"},
      {"--- {\"a\": \"\\ud83d\\ude00\"}", "--- {\"a\": \"\\U0001F600\"}"},
      {"a: b\n---\n[\"\\ud83d\\ude00\"]", "a: b\n---\n[\"\\U0001F600\"]"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(mended(each.json), each.joined) << each.json;
  }
}

TEST(parser_text, puts_texts_with_question_marks_between_quotes) {
  const std::pair<const char*, const char*> rows[] = {
      {"a: [b, http://c/?d=e, f]", "a: [b, 'http://c/?d=e', f]"},
      {"a: {b: it's?, c?: \"d?\", 'e?': 1}", "a: {b: 'it''s?', 'c?': \"d?\", 'e?': 1}"},
      {"a: [?b, b ? c, {d: e?}]", "a: ['?b', 'b ? c', {d: 'e?'}]"},
      {"a: b?\nc: |\n  [d?]\ne: [f] # [g?]\n", "a: b?\nc: |\n  [d?]\ne: [f] # [g?]\n"},
      {"a: [b?]\n---\nc: [d?]\n", "a: ['b?']\n---\nc: ['d?']\n"},
      {"? a\n: [? b : c]\n", "? a\n: [? b : c]\n"},
  };
  for (const auto& [text, expected] : rows) {
    const parser_text quoted(text, parser_text::question_marks::between_quotes);
    EXPECT_TRUE(quoted.text().starts_with(expected)) << quoted.text();
    EXPECT_TRUE(mended(text) == text) << "not unless it is asked for";
  }
  // Behind the quotes are the author's columns.
  const parser_text quoted("a: [b?, it's?, c]\n", parser_text::question_marks::between_quotes);
  EXPECT_EQ(quoted.original({1, 5}), (position{1, 5}));    // b?
  EXPECT_EQ(quoted.original({1, 11}), (position{1, 9}));   // it's?
  EXPECT_EQ(quoted.original({1, 21}), (position{1, 16}));  // c
}

// Where a backslash is a backslash.
TEST(parser_text, leaves_what_is_no_escape_of_json_alone) {
  const char* const texts[] = {
      R"({a: '\uD83D\uDE00'})",
      R"({a: '''\uD83D\uDE00'})",
      R"({a: \uD83D\uDE00})",
      R"({a: it's "\uD83D\uDE00"})",
      R"({a: 1, b: x\uD83D\uDE00"y"})",
      "{a: 1} # \"\\uD83D\\uDE00\"",
      "{a: b, # \"\n c: '\\uD83D\\uDE00'}",
      "{a: 1}\n---\nb: \\uD83D\\uDE00\n",
      "{a: 1}\n---\nb: \"\\uD83D\\uDE00\"\n",
      "{a: 1}\n--- |\n {\"\\uD83D\\uDE00\"}\n",
      "{a: 1}: \"\\uD83D\\uDE00\"\n",
      "a: \"\\uD83D\\uDE00\"\n",
      "a: |\n  {\"\\uD83D\\uDE00\"}\n",
      "",
      "---",
      "---\n",
  };
  for (const char* const text : texts) {
    EXPECT_EQ(mended(text), text) << text;
    EXPECT_TRUE(parser_text(text).same_places()) << text;
  }
}

TEST(parser_text, marks_keys_of_json_that_the_parser_would_overlook) {
  const std::string fits(1'022, 'k');  // with its quotes 1,024
  const std::string beyond(1'023, 'k');
  struct row {
    std::string json;
    std::string marked;
  };
  const row rows[] = {
      {"{\"" + fits + "\":1}", "{\"" + fits + "\":1}"},
      {"{\"" + beyond + "\":1}", "{? \"" + beyond + "\":1}"},
      {"{\"" + fits + "\" :1}", "{? \"" + fits + "\" :1}"},
      {"{\"a\": 1, \"" + beyond + "\":1}", "{\"a\": 1, ? \"" + beyond + "\":1}"},
      {"[{\"" + beyond + "\": \"" + beyond + "\"}]",
       "[{? \"" + beyond + "\": \"" + beyond + "\"}]"},
      {"[\"" + beyond + "\"]", "[\"" + beyond + "\"]"},
      {"{\"a\"\n:\n1}", "{? \"a\"\n:\n1}"},
      {"{\"a\":\n1}", "{\"a\":\n1}"},
      {"a: {\"b\"\n: 1}", "a: {\"b\"\n: 1}"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(mended(each.json), each.marked);
  }
}

TEST(parser_text, ends_lines_and_drops_marks_of_byte_order) {
  struct row {
    std::string manifest;
    std::string text;
  };
  const row rows[] = {
      {"a: 1\rb: 2\r", "a: 1\nb: 2\n...\n"},
      {"a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n...\n"},
      {"a: 1\r\r\nb: 2\n", "a: 1\n\r\nb: 2\n...\n"},
      {"a: 1\n" + mark + "---\nb: 2\n", "a: 1\n---\nb: 2\n...\n"},
      {"a: 1\n---\n" + mark + "b: 2\n", "a: 1\n---\nb: 2\n...\n"},
      {"a: 1\n---\n# x\n\n" + mark + mark + "b: 2\n", "a: 1\n---\n# x\n\nb: 2\n...\n"},
      {"a: 1\n...\n" + mark + "b: 2\n", "a: 1\n...\nb: 2\n...\n"},
      {mark + "{\"a\": \"\\ud83d\\ude00\"}\n", "{\"a\": \"\\U0001F600\"}\n...\n"},
      // Not where a document begins: it stays to be refused.
      {"a: 1\n" + mark + "b: 2\n", "a: 1\n" + mark + "b: 2\n...\n"},
      {"a: " + mark + "b\n", "a: " + mark + "b\n...\n"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(parser_text(each.manifest).text().substr(0, each.text.size()), each.text);
  }
}

TEST(parser_text, finds_the_authors_places_again) {
  const parser_text joined("[\"\\ud83d\\ude00\", \"\\ud83d\\ude00\",\n \"\\ud83d\\ude00\", 1]");
  EXPECT_FALSE(joined.same_places());
  struct row {
    position seen;
    position original;
  };
  for (const auto& [seen, original] :
       {row{{1, 1}, {1, 1}}, row{{1, 3}, {1, 3}}, row{{1, 13}, {1, 15}}, row{{1, 16}, {1, 18}},
        row{{1, 28}, {1, 32}}, row{{2, 2}, {2, 2}}, row{{2, 14}, {2, 16}}, row{{3, 1}, {3, 1}}}) {
    EXPECT_EQ(joined.original(seen), original) << seen.line << ":" << seen.column;
  }
  const parser_text marked("{\"a\"\n: 1}");
  EXPECT_EQ(marked.original({1, 4}), (position{1, 2}));
  EXPECT_EQ(marked.original({2, 3}), (position{2, 3}));
}

TEST(parser_text, knows_directives_without_a_document) {
  struct row {
    std::string manifest;
    position where;
  };
  const row rows[] = {
      {"%YAML 1.2\n---\na: b\n", {}},
      {"%YAML 1.2\n%TAG ! x\n# note\n---\na: b\n", {}},
      {"a: b\n...\n%YAML 1.2\n---\nc: d\n", {}},
      {"a: |\n  x\n%: 1\n", {}},  // for the parser to refuse
      {"%a: b\n", {1, 1}},
      {"\n%a: b\nc: d\n", {2, 1}},
      {"%YAML 1.2\na: b\n---\nc: d\n", {1, 1}},
      {"a: b\n---\n%c: d\n", {3, 1}},
  };
  for (const row& each : rows) {
    EXPECT_EQ(parser_text(each.manifest).stray_directive(), each.where) << each.manifest;
  }
}

}  // namespace
}  // namespace engine::workflow::internal
