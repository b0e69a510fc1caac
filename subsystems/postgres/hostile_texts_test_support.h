// Texts that would do harm in a statement, or cannot be stored.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

namespace engine::postgres {

inline std::vector<std::string> hostile_texts() {
  return {"'; DROP TABLE tenants; --",
          "' OR '1'='1",
          "\"; DROP SCHEMA public CASCADE; --",
          "$1",
          "$2::text",
          "$$ quoted $$",
          "\\'; SELECT 1; --",
          "E'\\x27'",
          "a\\",
          "100%",
          "%s %n {} {0}",
          "?",
          ":name",
          "/* comment",
          "a;b",
          "NULL",
          "{1,2}",
          "\\N",
          "\\.",
          "line\nbreak\r\n\ttab",
          "\x01\x1f\x7f",
          "'é' \xe2\x82\xac \xf0\x9f\x95\x93",
          "e\xcc\x81 \xd8\xb9\xd8\xb1 \xe2\x80\xae \xc2\xa0 ",
          "\"quoted\" and 'quoted' and ''twice''",
          "back\\slash \\n \\\\ \\. \\N \\x00 E'\\''",
          "$1 $$ $tag$ %s {} {0} :name ?",
          "{1,2,NULL,\"a\"} (1,2) ,;",
          " blank ",
          std::string(200, '\'')};
}

inline std::vector<std::string> unstorable_texts() {
  return {std::string("zero\0byte", 9), std::string(1, '\0'), "\xff", "half \xc3", "\xed\xa0\x80"};
}

/// As JSON.
inline std::string json_string_of(const std::string& text) {
  std::string json = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      json += '\\';
      json += character;
    } else if (byte < 0x20) {
      json += fmt::format("\\u{:04x}", byte);
    } else {
      json += character;
    }
  }
  return json + '"';
}

}  // namespace engine::postgres
