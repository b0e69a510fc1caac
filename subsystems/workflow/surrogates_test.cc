#include <gtest/gtest.h>

#include "subsystems/workflow/surrogates_internal.h"

namespace engine::workflow::internal {
namespace {

TEST(surrogates, are_joined_only_in_pairs) {
  struct row {
    const char* json;
    const char* joined;
  };
  const row rows[] = {
      {"", ""},
      {R"(plain \n \\ \")", R"(plain \n \\ \")"},
      {R"(\ud83d\ude00)", R"(\U0001F600)"},
      {R"(a\uD800\uDC00b\udbff\udfff)", R"(a\U00010000b\U0010FFFF)"},
      {R"(\u00e9\ud83d\ude00)", R"(\u00e9\U0001F600)"},
      {R"(\\\ud83d\ude00)", R"(\\\U0001F600)"},
      {R"(\\ud83d\ude00)", R"(\\ud83d\ude00)"},
      {R"(\ud83d)", R"(\ud83d)"},
      {R"(\ude00\ud83d)", R"(\ude00\ud83d)"},
      {R"(\ud83d\ud83d\ude00)", R"(\ud83d\U0001F600)"},
      {R"(\ud83d \ude00)", R"(\ud83d \ude00)"},
      {R"(\ud83d\n)", R"(\ud83d\n)"},
      {R"(\ud83d\ude0)", R"(\ud83d\ude0)"},
      {R"(\ud83d\u+e00)", R"(\ud83d\u+e00)"},
      {R"(\ud83)", R"(\ud83)"},
      {R"(\)", R"(\)"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(join_surrogates(each.json), each.joined) << each.json;
  }
}

}  // namespace
}  // namespace engine::workflow::internal
