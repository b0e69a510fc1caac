// Any bytes as a cursor: what is accepted is written back as the same text, and what is refused has
// a reason; what a client is given comes back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "subsystems/postgres/cursor.h"
#include "subsystems/postgres/text_check.h"

namespace {

namespace postgres = engine::postgres;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_text(std::string_view text) {
  const auto parsed = postgres::parse_cursor(text);
  if (!parsed) {
    require(parsed.error().code == postgres::errc::bad_cursor);
    require(!parsed.error().message.empty());
    require(!postgres::parse_cursor_of(0, text));
    return;
  }
  require(postgres::text_of(*parsed) == text);
  require(postgres::parse_cursor_of(parsed->list, text).value() == parsed->key);
  require(!postgres::parse_cursor_of(parsed->list + 1, text));
}

void check_key(std::string_view key) {
  const postgres::cursor given{postgres::hash_of(key),
                               std::string(key.substr(0, postgres::cursor::key_bytes_max))};
  std::string text = postgres::text_of(given);
  require(postgres::parse_cursor(text).value() == given);
  // One bit changed is found.
  if (!key.empty()) {
    const std::size_t at = static_cast<std::uint8_t>(key.front()) % text.size();
    text[at] = text[at] == 'A' ? 'B' : 'A';
    require(!postgres::parse_cursor_of(given.list, text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_text(input);
  check_key(input);
  return 0;
}
