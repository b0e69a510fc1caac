#include "subsystems/workflow/depends_expression.h"

#include <string>

#include <gtest/gtest.h>

namespace engine::workflow {
namespace {

using names = std::vector<std::string_view>;

TEST(depends, finds_the_tasks_mentioned) {
  struct row {
    const char* text;
    names mentioned;
  };
  const row rows[] = {
      {"A", {"A"}},
      {"  a-b_C9  ", {"a-b_C9"}},
      {"A.Succeeded", {"A"}},
      {"A && B", {"A", "B"}},
      {"A&&B||C", {"A", "B", "C"}},
      {"B || A || B.Failed", {"B", "A"}},
      {"A && (C.Succeeded || !D.Failed)", {"A", "C", "D"}},
      {"!A", {"A"}},
      {"! !(!A)", {"A"}},
      {"((A))", {"A"}},
      {"(A) && (B)", {"A", "B"}},
      {"A.Succeeded||A.Failed||A.Errored||A.Skipped||A.Omitted||A.Daemoned", {"A"}},
      {"A.AnySucceeded || A.AllFailed", {"A"}},
      {"A\n&&\tB\r\n", {"A", "B"}},
      {"1-2", {"1-2"}},
      {"-", {"-"}},
  };
  for (const row& each : rows) {
    const auto read = parse_depends(each.text);
    ASSERT_TRUE(read.has_value()) << each.text << ": " << read.error().what();
    EXPECT_EQ(*read, each.mentioned) << each.text;
  }
}

TEST(depends, refuses_everything_else) {
  struct row {
    std::string text;
    std::string message;
  };
  const row rows[] = {
      {"", "a task name is expected, not the end at character 1"},
      {"   ", "a task name is expected, not the end at character 4"},
      {"A &&", "a task name is expected, not the end at character 5"},
      {"&& A", "a task name is expected, not \"&\" at character 1"},
      {"A && && B", "a task name is expected, not \"&\" at character 6"},
      {"A B", "\"&&\" or \"||\" is expected, not \"B\" at character 3"},
      {"A & B", "\"&&\" or \"||\" is expected, not \"&\" at character 3"},
      {"A | B", "\"&&\" or \"||\" is expected, not \"|\" at character 3"},
      {"A &&& B", "a task name is expected, not \"&\" at character 5"},
      {"A !B", "\"&&\" or \"||\" is expected, not \"!\" at character 3"},
      {"A !", "\"&&\" or \"||\" is expected, not \"!\" at character 3"},
      {"!", "a task name is expected, not the end at character 2"},
      {"(A", "\")\" is missing at character 3"},
      {"A)", "\")\" without \"(\" at character 2"},
      {"()", "a task name is expected, not \")\" at character 2"},
      {"(A && )", "a task name is expected, not \")\" at character 7"},
      {"(A))", "\")\" without \"(\" at character 4"},
      {"A(B)", "\"&&\" or \"||\" is expected, not \"(\" at character 2"},
      {".Failed", "a task name is expected, not \".\" at character 1"},
      {"A.", "\"\" is no status of task \"A\" at character 3"},
      {"A. Failed", "\"\" is no status of task \"A\" at character 3"},
      {"A.Suceeded",
       "\"Suceeded\" is no status of task \"A\"; did you mean \"Succeeded\"? at character 3"},
      {"A.failed",
       "\"failed\" is no status of task \"A\"; did you mean \"Failed\"? at character 3"},
      {"A.Running", "\"Running\" is no status of task \"A\" at character 3"},
      {"A.Failed.Failed", "\"&&\" or \"||\" is expected, not \".\" at character 9"},
      {"{{A}}", "a task name is expected, not \"{\" at character 1"},
      {"A && é", "a task name is expected, not \"é\" at character 6"},
      {"A é", "\"&&\" or \"||\" is expected, not \"é\" at character 3"},
      {"Aé && B", "\"&&\" or \"||\" is expected, not \"é\" at character 2"},
      {"😀", "a task name is expected, not \"😀\" at character 1"},
      {"A\xE9", "\"&&\" or \"||\" is expected, not \"\\xe9\" at character 2"},
      {"A && \u202EB", "a task name is expected, not \"\\u{202e}\" at character 6"},
      {"A\u00A0&& B", "\"&&\" or \"||\" is expected, not \"\\u{a0}\" at character 2"},
      {"A == B", "\"&&\" or \"||\" is expected, not \"=\" at character 3"},
      {std::string(101, '(') + 'A', "parentheses nested deeper than 100 at character 102"},
  };
  for (const row& each : rows) {
    const auto read = parse_depends(each.text);
    ASSERT_FALSE(read.has_value()) << each.text;
    EXPECT_EQ(read.error().code, errc::bad_expression) << each.text;
    EXPECT_EQ(read.error().message, each.message) << each.text;
  }
}

TEST(depends, places_problems_by_line) {
  const auto read = parse_depends("A &&\n  B C");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().where, (position{2, 5}));
}

TEST(depends, takes_as_many_parentheses_as_it_promises) {
  const std::string open(depends_depth_max, '(');
  const std::string close(depends_depth_max, ')');
  EXPECT_TRUE(parse_depends(open + "A" + close).has_value());
  EXPECT_TRUE(parse_depends(open + "A" + close + "&&" + open + "A" + close).has_value());
}

TEST(depends, bears_long_texts) {
  std::string text = std::string(100'000, '!') + "task-0";
  for (int task = 0; task < 100'000; ++task) {
    text += " && task-" + std::to_string(task % 50'000);
  }
  const auto read = parse_depends(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->size(), 50'000U);
  EXPECT_EQ(read->back(), "task-49999");
}

}  // namespace
}  // namespace engine::workflow
