// What an author is told of a text that is no YAML: the cause, and where it is.

#include <string>

#include <gtest/gtest.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/yaml_problem_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

namespace engine::workflow::internal {
namespace {

std::string refusal_of(const std::string& text) {
  load_context load("t", {});
  const forest documents = read_yaml(text, load);
  return load.refused() ? std::move(load).finish().error().what() : "";
}

struct row {
  const char* text;
  const char* error;
};

template <std::size_t Count>
void expect(const row (&rows)[Count]) {
  for (const row& each : rows) {
    EXPECT_EQ(refusal_of(each.text), std::string("t:") + each.error) << each.text;
  }
}

TEST(yaml_problem, is_a_quote_that_is_not_closed) {
  expect({
      {"a: \"b", "1:4: the quote \" is not closed"},
      {"a: 1\nb: 'c\nd: 2\ne: 3\n", "2:4: the quote ' is not closed"},
      {"- 'x'\n- \"y\n- z\n", "2:3: the quote \" is not closed"},
      {"'a: 1\nb: 2\n", "1:1: the quote ' is not closed"},
      {"a: [1, \"b, 2]\nc: d\n", "1:8: the quote \" is not closed"},
      {"{\"a\": \"b}\n", "1:7: the quote \" is not closed"},
      {"a: it's\nb: 'c\n", "2:4: the quote ' is not closed"},
      {"a: |\n  \"x\n  'y\nb: \"c\n", "4:4: the quote \" is not closed"},
      {"# it's\na: \"c\n", "2:4: the quote \" is not closed"},
      {"a: \"b\\\"\nc: d\n", "1:4: the quote \" is not closed"},
      {"a: 'b''\nc: d\n", "1:4: the quote ' is not closed"},
      {"a: b\n---\nc: 'd\n---\ne: f\n", "3:4: the quote ' is not closed"},
      {"a: plain\n  \"text\nb: 'c\n", "3:4: the quote ' is not closed"},
      {"- a: |\n    'x\n  b: 'c\n", "3:6: the quote ' is not closed"},
      {"a: \"b\nc: \"d\"\n",
       "1:4: the quote \" closes only in line 2, column 4; one before may be "
       "missing"},
  });
}

TEST(yaml_problem, is_a_bracket_that_is_not_closed) {
  expect({
      {"a: [1, 2\nb: c\n", "1:4: the bracket \"[\" is not closed"},
      {"a: {b: 1\nc: d\n", "1:4: the bracket \"{\" is not closed"},
      {"a: {b: [1, 2}\n", "1:13: \"}\" does not close the \"[\" of line 1, column 8"},
      {"a: [1, 2]]\n", "1:10: \"]\" closes no bracket"},
      {"a: }\n", "1:4: \"}\" closes no bracket"},
      {"a: '['\nb: [1\n", "2:4: the bracket \"[\" is not closed"},
      {"[[1, 2], [3", "1:1: the bracket \"[\" is not closed"},
      {"a: {b c: d, e: [}\n", "1:17: \"}\" does not close the \"[\" of line 1, column 16"},
  });
}

TEST(yaml_problem, is_what_looks_like_a_space) {
  expect({
      {"a:\n\tb: c\n", "2:1: a tab cannot indent; use spaces"},
      {"a:\n  b: c\n\td: e\n", "3:1: a tab cannot indent; use spaces"},
      {"a:\n  \tb: c\n", "2:3: a tab cannot indent; use spaces"},
      {"a:\n-\tb: c\n", "2:2: a tab cannot indent; use spaces"},
      {"a:\n\t- b\n", "2:1: a tab cannot indent; use spaces"},
      {"a:\n\u00a0\u00a0b: c\n", "2:1: a no-break space (U+00A0) cannot indent; use spaces"},
      {"a:\n \u00a0b: c\n", "2:2: a no-break space (U+00A0) cannot indent; use spaces"},
      {"a:\n  - b: c\n  -\u00a0d: e\n", "3:4: a no-break space (U+00A0) cannot indent; use spaces"},
      {"a:\n- b: c\n\u00a0 d: e\n", "3:1: a no-break space (U+00A0) cannot indent; use spaces"},
      {"a:\n\u3000b: c\n", "2:1: the character U+3000 cannot indent; use spaces"},
      {"a:\n\u200bb: c\n", "2:1: the character U+200B cannot indent; use spaces"},
      {"a: b\n\ufeffc: d\n", "2:1: the character U+FEFF cannot indent; use spaces"},
      {"a: b\nc:\u00a0d\n", "2:3: a no-break space (U+00A0) behind \":\" is no space; use one"},
      {"{a: 1,\u00a0b: 2}\n", "1:7: a no-break space (U+00A0) before a key is no space; use one"},
  });
}

TEST(yaml_problem, is_what_no_text_begins_with) {
  expect({
      {"a: %b\n", "1:4: a text cannot begin with \"%\" without quotes"},
      {"a: @b\n", "1:4: a text cannot begin with \"@\" without quotes"},
      {"a: `b`\n", "1:4: a text cannot begin with \"`\" without quotes"},
      {"- @a\n", "1:3: a text cannot begin with \"@\" without quotes"},
      {"@a: 1\n", "1:1: a text cannot begin with \"@\" without quotes"},
      {"`a`: 1\n", "1:1: a text cannot begin with \"`\" without quotes"},
      {"a: [@b]\n", "1:5: a text cannot begin with \"@\" without quotes"},
      {"a: b\n%c: d\n", "2:1: a text cannot begin with \"%\" without quotes"},
      {"a:\n  - b\n%c\n", "3:1: a text cannot begin with \"%\" without quotes"},
      {"%a: b\n",
       "1:1: a text cannot begin with \"%\" without quotes; a directive needs \"---\" "
       "behind it"},
      {"a: [|]\n", "1:5: inside brackets, a text cannot begin with \"|\" without quotes"},
      {"{b: ?c}\n", "1:5: inside brackets, a text with \"?\" must stand in quotes here"},
      {"{b: c?}\n", "1:6: inside brackets, a text with \"?\" must stand in quotes here"},
      {"a: &\n", "1:4: a text cannot begin with \"&\" without quotes"},
      {"a: * b\n", "1:4: a text cannot begin with \"*\" without quotes"},
      {"a: */5 * * * *\n",
       "1:4: the referenced anchor is not defined; a text that begins with \"*\" must stand in "
       "quotes"},
  });
}

TEST(yaml_problem, is_any_other) {
  expect({
      {"a: - b\n",
       "1:4: \"- \" cannot begin an item here; the first one stands in a line of its "
       "own"},
      {"a: [- b]\n", "1:5: inside brackets, commas part the items of a list, not \"- \""},
      {"a: b: c\n",
       "1:5: \": \" cannot stand here; is the line indented as it should be? A text that holds "
       "\": \" must stand in quotes"},
      {"- [a]\n  b\n", "2:3: \"- \" is expected here, indented like the first of its list"},
      {"a:\n  b: c\n 'd': e\n",
       "3:2: a key with \":\" is expected here, indented like the first of "
       "its map"},
      {"a: \"\\q\"\n", "1:5: \\q is no escape; between double quotes a backslash is written \\\\"},
      {"a: \"\\é\"\n", "1:5: \\é is no escape; between double quotes a backslash is written \\\\"},
      {"a: \"\\\u202e\"\n",
       "1:5: \\\\u{202e} is no escape; between double quotes a backslash is "
       "written \\\\"},
      {"a: \"\\xg1\"\n", "1:5: the escape \\xg1 is not of hexadecimal digits"},
      {"a: \"x\\u12\"\n", "1:6: the escape \\u12\"\\x0a is not of hexadecimal digits"},
      {"a: \"\\ud800\"\n",
       "1:5: the escape \\ud800 is half a character; \\U and eight digits make a whole one"},
      {"a: \"\\U00110000\"\n", "1:5: the escape \\U00110000 stands for no character"},
      {"a: !<x\n", "1:7: the tag that begins with \"!<\" is not closed by \">\""},
      {"a: !x! b\n", "1:7: the tag has no name behind its handle"},
      {"a: !a !b c\n", "1:7: a second tag for the same value"},
      {"a: &a &b c\n", "1:7: a second anchor for the same value"},
      {"a: |0\n  b\n", "1:6: the digit behind \"|\" or \">\" must be 1 to 9"},
      {"a: | b\n", "1:6: behind \"|\" or \">\" the text begins in the next line"},
      {"%YAML 1.2 1.3\n---\na\n", "1:1: %YAML takes a version and nothing else"},
      {"%YAML x\n---\na\n", "1:1: %YAML takes a version such as 1.2"},
      {"%YAML 1.2\n%YAML 1.2\n---\na\n", "2:1: %YAML is given twice"},
      {"%TAG x\n---\na\n", "1:1: %TAG takes a handle and a prefix, and nothing else"},
      {"%TAG ! x\n%TAG ! y\n---\na\n", "2:1: %TAG is given twice for this handle"},
      {"a: b\nc\n", "2:1: \":\" is missing behind this"},
      {"a: b\n? [c]\n: d\n", "2:3: a key must be text"},
      {"a: [b c: d e: f]\n", "1:13: \",\" or \"]\" is expected here"},
  });
}

// Every message is a line of well-formed text, whatever stands at the place.
TEST(yaml_problem, is_told_of_any_cut_of_a_text) {
  const std::string whole =
      "%YAML 1.2\n---\na: &x [1, {b: \"\\u00e9\", 'c': d}, *x]\n? e\n: |2-\n   f\ng: !!str h # i\n"
      "\u00a0j: >\n  k\n...\n{\"l\": [\"\\ud83d\\ude00\"]}\n";
  for (std::size_t begin = 0; begin < whole.size(); ++begin) {
    for (std::size_t end = begin; end <= whole.size(); ++end) {
      const std::string refusal = refusal_of(whole.substr(begin, end - begin));
      ASSERT_EQ(refusal.find('\n'), std::string::npos) << refusal;
      ASSERT_TRUE(support::is_utf8(refusal)) << refusal;
    }
  }
}

TEST(yaml_problem, is_found_in_hostile_texts_soon) {
  for (const char* const unit :
       {"[", "{", "\"", "'", "\"'", "a: \"\n", "- ", "\t", "\u00a0", ":\u00a0", "a\n", "a\n\n",
        "\\", "[\n", "]", "%\n", "@", "---\n\"", "|\n"}) {
    std::string text;
    while (text.size() < 100'000) {
      text += unit;
    }
    for (const char* const end : {"", "\"", "]", "\n@", "\n\ta: b: c"}) {
      refusal_of(text + end);
      EXPECT_FALSE(explain_yaml(text, text.size() / 2, "end of map not found").message.empty());
    }
  }
}

}  // namespace
}  // namespace engine::workflow::internal
