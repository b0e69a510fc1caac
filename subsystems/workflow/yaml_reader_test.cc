#include <string>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/json_value_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

namespace engine::workflow::internal {
namespace {

using namespace std::string_literals;

// All documents, one JSON text a line, or the error.
std::string read(const std::string& text, const limits& bounds = {}) {
  load_context load("t", bounds);
  const forest documents = read_yaml(text, load);
  std::string shown;
  for (const node* root : documents.roots) {
    shown += boost::json::serialize(to_json(*root, load)) + '\n';
  }
  return load.refused() ? std::move(load).finish().error().what() : shown;
}

TEST(yaml_reader, reads_yaml_and_json) {
  struct row {
    std::string text;
    std::string documents;
  };
  const row rows[] = {
      {"", "null\n"},
      {"# only a comment\n", "null\n"},
      {"a: 1\nb: [x, '2', \"3\"]\n", "{\"a\":1,\"b\":[\"x\",\"2\",\"3\"]}\n"},
      {R"({"a": {"b": [1, true, null, "x\u00e9"]}})", "{\"a\":{\"b\":[1,true,null,\"xé\"]}}\n"},
      {R"({"smile": "\ud83d\ude00"})", "{\"smile\":\"😀\"}\n"},
      {"\xEF\xBB\xBF"s + "a: b", "{\"a\":\"b\"}\n"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF"s + "a: b", "{\"a\":\"b\"}\n"},
      {"a: b\r\n---\r\nc: d\r\n", "{\"a\":\"b\"}\n{\"c\":\"d\"}\n"},
      {"a: b\r---\rc: d\r", "{\"a\":\"b\"}\n{\"c\":\"d\"}\n"},
      {"a: |\r  x\r  y\rb: z", "{\"a\":\"x\\ny\\n\",\"b\":\"z\"}\n"},
      {"a: b\n\xEF\xBB\xBF---\nc: d\n", "{\"a\":\"b\"}\n{\"c\":\"d\"}\n"},
      {"a: b\n---\n\xEF\xBB\xBF"s + "c: d\n", "{\"a\":\"b\"}\n{\"c\":\"d\"}\n"},
      {"{\"" + std::string(5'000, 'k') + "\": {\"a\"\n:\n1}}",
       "{\"" + std::string(5'000, 'k') + "\":{\"a\":1}}\n"},
      {R"({a: '\uD83D\uDE00', b: x\uD83D\uDE00})", R"({"a":"\\uD83D\\uDE00","b":"x\\uD83D\\uDE00"})"
                                                   "\n"},
      {"--- 1\n--- 2\n---\n", "1\n2\nnull\n"},
      {"a\n...\nb\n", "\"a\"\n\"b\"\n"},
      {"%YAML 1.2\n---\na\n...\n%YAML 1.2\n---\nb\n", "\"a\"\n\"b\"\n"},
      {"- ~\n- null\n- ''\n-\n", "[null,null,\"\",null]\n"},
      {"- !!str 1\n- !!int 1\n- ! 1\n- !!map {}\n- !!seq []\n", "[\"1\",1,\"1\",{},[]]\n"},
      {"a: &x {b: [1]}\nc: *x\n*y : 1\n",
       "t:3:1: the referenced anchor is not defined; a text that begins with \"*\" must stand in "
       "quotes"},
      {"a: &x {b: [1]}\nc: *x\n", "{\"a\":{\"b\":[1]},\"c\":{\"b\":[1]}}\n"},
      {"- &x k\n- {*x : v}\n", "[\"k\",{\"k\":\"v\"}]\n"},
      {"- &x 1\n- &x 2\n- *x\n", "[1,2,2]\n"},
      {"{a, b: , c}", "{\"a\":null,\"b\":null,\"c\":null}\n"},
      {"? a\n? b\n:\nc:\n", "{\"a\":null,\"b\":null,\"c\":null}\n"},
      {"- &x\n- *x\n", "[null,null]\n"},
      {"a: |\n  one\n   two\nb: >-\n  three\n  four\n",
       "{\"a\":\"one\\n two\\n\",\"b\":\"three four\"}\n"},
      {"a: |+\n  x\n\n", "{\"a\":\"x\\n\\n\"}\n"},
      {"a: |\n  x  ", "{\"a\":\"x  \\n\"}\n"},
      {"a: |-\n  x", "{\"a\":\"x\"}\n"},
      {"a:\nb:", "{\"a\":null,\"b\":null}\n"},
      {"a: 'b'", "{\"a\":\"b\"}\n"},
      {"'a': [[[\"[\"]]]\n", "{\"a\":[[[\"[\"]]]}\n"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(read(each.text), each.documents) << each.text;
  }
}

TEST(yaml_reader, refuses_malformed_texts_with_their_place) {
  struct row {
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {"a: [1", "t:1:4: the bracket \"[\" is not closed"},
      {"a: {b: 1", "t:1:4: the bracket \"{\" is not closed"},
      {"[1, 2", "t:1:1: the bracket \"[\" is not closed"},
      {"{\"a\": {\"b\": 1}", "t:1:1: the bracket \"{\" is not closed"},
      {"a: ]", "t:1:4: \"]\" closes no bracket"},
      {"a:\n\t- b\n", "t:2:1: a tab cannot indent; use spaces"},
      {"a: \"b\n", "t:1:4: the quote \" is not closed"},
      {"a: 'b\n  ", "t:1:4: the quote ' is not closed"},
      {"a: 'b\n\r\n", "t:1:4: the quote ' is not closed"},
      {"a: 'b  ", "t:1:4: the quote ' is not closed"},
      {"a: '", "t:1:4: the quote ' is not closed"},
      {"a: \"\\q\"", "t:1:5: \\q is no escape; between double quotes a backslash is written \\\\"},
      {"a: b\nc", "t:2:1: \":\" is missing behind this"},
      {"a: b\nc\n", "t:2:1: \":\" is missing behind this"},
      {"a:\n  b: c\n  'd'\n",
       "t:3:3: a key with \":\" is expected here, indented like the first of its map"},
      {"a: b: c",
       "t:1:5: \": \" cannot stand here; is the line indented as it should be? A text that "
       "holds \": \" must stand in quotes"},
      {"a: 1\na: 2\n", "t:2:1: key \"a\" is given twice, first in line 1"},
      {"{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}",
       "t:1:24: key \"c\" is given twice, first in line 1"},
      {"a: 1\n? a\n: 2\n", "t:2:3: key \"a\" is given twice, first in line 1"},
      {",", "t:1:1: the end of the document is expected here"},
      {"a\n---\n,\n", "t:3:1: the end of the document is expected here"},
      {"[] []", "t:1:4: the end of the document is expected here"},
      {"{\"a\": 1}\n{\"b\": 2}\n", "t:2:1: the end of the document is expected here"},
      {"'a' 'b'", "t:1:5: the end of the document is expected here"},
      {"a: *x\n",
       "t:1:4: the referenced anchor is not defined; a text that begins with \"*\" must stand in "
       "quotes"},
      {"a: &x 1\n---\nb: *x\n",
       "t:3:4: the referenced anchor is not defined; a text that begins with \"*\" must stand in "
       "quotes"},
      {"a: &x [*x]\n", "t:1:8: the alias stands for a value that contains it"},
      {"&x {b: {c: *x}}\n", "t:1:12: the alias stands for a value that contains it"},
      {"%YAML 2.0\n---\na\n", "t:1:1: only version 1 of YAML is known"},
      {"? [a]\n: b\n", "t:1:3: a key must be text"},
      {"? {a: b}\n: c\n", "t:1:3: a key must be text"},
      {"~: 1\n", "t:1:1: a key must be text"},
      {": 1\n", "t:1:1: a key must be text"},
      {"- &x [1]\n- {*x : 1}\n", "t:2:4: a key must be text"},
      {"&x a: 1\n", "t:1:1: an anchor on a key is not supported"},
      {"a: {<<: {b: 1}}\n", "t:1:5: merge keys (<<) are not supported"},
      {"a: !include b.yaml\n", "t:1:4: tag \"!include\" is not supported"},
      {"a: !!binary aGk=\n", "t:1:4: tag \"tag:yaml.org,2002:binary\" is not supported"},
      {"a: !!set {b}\n", "t:1:4: tag \"tag:yaml.org,2002:set\" is not supported"},
      {"a: !x [b]\n", "t:1:4: tag \"!x\" is not supported"},
      {R"({"smile": "\ud83d"})",
       "t:1:12: the escape \\ud83d is half a character; \\U and eight digits make a whole one"},
      {"a: \"\\N\"\n", "t:1:4: the escapes \\N and \\_ are not supported"},
      {"a: \x04 b: [", "t:1:4: control character 0x04"},
      {"a:\n  b\0c"s, "t:2:4: control character 0x00"},
      {"a: b\rc: \x04", "t:2:4: control character 0x04"},
      {"a: \x7F", "t:1:4: control character 0x7f"},
      {"a: b\nc: \xC3\x28\n", "t:2:4: byte 0xc3 is not UTF-8 here"},
      {"\xFF\xFE\x61\x00"s, "t:1:1: this is UTF-16; UTF-8 is expected"},
      {"\xFE\xFF\x00\x61"s, "t:1:1: this is UTF-16; UTF-8 is expected"},
      {"a: \xFF\xFE"s, "t:1:4: byte 0xff is not UTF-8 here"},
      // Columns behind a pair of escapes are the author's.
      {R"({"a": "\ud83d\ude00\ud83d\ude00", "a": 1})",
       "t:1:35: key \"a\" is given twice, first in line 1"},
      {R"({"a": "\ud83d\ude00", "b": .inf})", "t:1:28: \".inf\" is no number that JSON can hold"},
      {R"({"a": "\ud83d\ude00", "b": ]})",
       "t:1:28: \"]\" does not close the \"{\" of line 1, column 1"},
      {"a: .inf\n", "t:1:4: \".inf\" is no number that JSON can hold"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(read(each.text), each.error) << each.text;
  }
}

std::string repeated(std::string_view unit, std::size_t times) {
  std::string text;
  for (std::size_t count = 0; count < times; ++count) {
    text += unit;
  }
  return text;
}

TEST(yaml_reader, keeps_each_limit_to_the_unit) {
  struct row {
    std::string name;
    limits bounds;
    std::string full;
    std::string beyond;
    std::string error;
  };
  const row rows[] = {
      {"bytes", {.bytes_max = 4}, "a: b", "a: bc", "t: 5 bytes are more than the limit of 4"},
      {"depth", {.depth_max = 3}, "[[a]]", "[[[a]]]", "t:1:4: nested deeper than 3"},
      {"depth by alias",
       {.depth_max = 3},
       "- &x [a]\n- *x\n",
       "- &x [a]\n- [*x]\n",
       "t:2:4: nested deeper than 3"},
      {"nodes", {.nodes_max = 3}, "[a, b]", "[a, b, c]", "t:1:8: more than 3 values"},
      {"nodes by alias",
       {.nodes_max = 5},
       "- &x [a]\n- *x\n",
       "- &x [a]\n- *x\n- b\n",
       "t:3:3: more than 5 values"},
      {"flow indicators",
       {.nodes_max = 2},
       "'[[[[[['",
       "'[[[[[[['",
       "t:1:8: more brackets, braces and commas than 2 values can need"},
      {"bytes by alias",
       {.bytes_max = 24},
       "- &x aaaaaaa\n- *x\n- *x",
       "- &x aaaaaaaaa\n- *x\n- *x",
       "t:3:3: with its aliases replaced, the text is longer than 24 bytes"},
      {"documents",
       {.documents_max = 2},
       "--- a\n--- b\n",
       "--- a\n--- b\n--- c\n",
       "t:3:1: more than 2 documents"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(read(each.full, each.bounds).find("t:"), std::string::npos) << each.name;
    EXPECT_EQ(read(each.beyond, each.bounds), each.error) << each.name;
  }
}

TEST(yaml_reader, refuses_hostile_texts_soon) {
  std::string laughs = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n";
  for (int level = 1; level < 30; ++level) {
    const std::string aliases = repeated(fmt::format("*a{},", level - 1), 9);
    laughs += fmt::format("a{0}: &a{0} [{1}]\n", level, aliases);
  }
  const std::string big =
      fmt::format("- &big {}\n{}", std::string(100'000, 'x'), repeated("- *big\n", 10'000));

  struct row {
    std::string name;
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {"billion laughs", laughs, "t:6:14: more than 200000 values"},
      {"big scalar repeated", big,
       "t:21:3: with its aliases replaced, the text is longer than 2097152 bytes"},
      {"sequences, one below the flow limit", repeated("[", 600'000), "not closed"},
      {"maps", repeated("{a: ", 500'000), "not closed"},
      {"closed sequences", repeated("[", 300'000) + repeated("]", 300'000),
       "nested deeper than 64"},
      {"closed maps", repeated("{a: ", 300'000) + repeated("}", 300'000), "nested deeper than 64"},
      {"sequences beyond the flow limit", repeated("[", 2'000'000),
       "more brackets, braces and commas than 200000 values can need"},
      {"block sequences", repeated("- ", 1'000'000), "nested deeper than 64"},
      {"block maps", repeated("? ", 1'000'000), "a key must be text"},
      {"values", repeated(": ", 1'000'000), "a key must be text"},
      {"documents", repeated("---\n", 500'000), "more than 1000 documents"},
      {"tags", repeated("! ", 1'000'000), "a second tag"},
      {"anchors", repeated("&a ", 600'000), "a second anchor"},
      {"aliases", repeated("*a ", 600'000),
       "the referenced anchor is not defined; a text that begins with \"*\" must stand in quotes"},
      {"keys", repeated("a: b\n", 400'000), "more than 200000 values"},
  };
  for (const row& each : rows) {
    EXPECT_NE(read(each.text).find(each.error), std::string::npos)
        << each.name << ": " << read(each.text).substr(0, 200);
  }
}

// Whatever the limit asks for: yaml-cpp's own is not reached.
TEST(yaml_reader, never_goes_deeper_than_its_parser_can) {
  EXPECT_EQ(read(repeated("[", 400) + repeated("]", 400), {.depth_max = 100'000}),
            repeated("[", 400) + repeated("]", 400) + "\n");
  EXPECT_EQ(read(repeated("[", 1'000) + repeated("]", 1'000), {.depth_max = 100'000}),
            "t:1:401: nested deeper than 400");
}

}  // namespace
}  // namespace engine::workflow::internal
