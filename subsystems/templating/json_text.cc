#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/templating/json_text_internal.h"
#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {
namespace {

namespace json = boost::json;

void append_escape(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

void append_double(double number, std::string& out) {
  if (!std::isfinite(number)) {  // As Boost.JSON does, which JSON itself cannot.
    out += std::isnan(number) ? "null" : number < 0 ? "-1e99999" : "1e99999";
    return;
  }
  char digits[32];
  const auto [end, problem] = std::to_chars(std::begin(digits), std::end(digits), number);
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

// An array or object of which some is written.
struct open_value {
  const json::value* whole;
  std::size_t next = 0;
};

std::size_t size_of(const json::value& collection) {
  return collection.is_array() ? collection.get_array().size() : collection.get_object().size();
}

// False if a text does not fit. What else there is needs no more than a few bytes.
bool append_scalar(const json::value& value, std::size_t bytes_max, std::string& out) {
  switch (value.kind()) {
    case json::kind::string:
      return append_quoted(value.get_string(), bytes_max, out);
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return true;
    case json::kind::null:
      out += "null";
      return true;
    default:
      append_number(value, out);
      return true;
  }
}

// Writes what stands before the next member, and returns its value; null if its key does not fit.
const json::value* begin_member(open_value& within, std::size_t bytes_max, std::string& out) {
  if (within.next > 0) {
    out += ',';
  }
  if (within.whole->is_array()) {
    return &within.whole->get_array()[within.next++];
  }
  const auto& member = within.whole->get_object().begin()[within.next++];
  if (!append_quoted(member.key(), bytes_max, out)) {
    return nullptr;
  }
  out += ':';
  return &member.value();
}

error refusal(errc code, std::string message) {
  return {.code = code, .where = {}, .message = std::move(message), .pointer = {}};
}

}  // namespace

bool append_escaped(std::string_view text, std::size_t bytes_max, std::string& out) {
  const char* from = text.data();
  const char* const end = from + text.size();
  for (;;) {
    const char* const special = best_kernels().find_escape(from, end);
    const auto plain = static_cast<std::size_t>(special - from);
    if (out.size() > bytes_max || plain > bytes_max - out.size()) {
      return false;
    }
    out.append(from, plain);
    if (special == end) {
      return true;
    }
    append_escape(*special, out);
    from = special + 1;
  }
}

bool append_quoted(std::string_view text, std::size_t bytes_max, std::string& out) {
  out += '"';
  if (!append_escaped(text, bytes_max, out)) {
    return false;
  }
  out += '"';
  return out.size() <= bytes_max;
}

void append_escaped(std::string_view text, std::string& out) {
  static_cast<void>(append_escaped(text, out.max_size(), out));
}

void append_quoted(std::string_view text, std::string& out) {
  static_cast<void>(append_quoted(text, out.max_size(), out));
}

void append_number(const json::value& number, std::string& out) {
  if (number.is_double()) {
    append_double(number.get_double(), out);
  } else if (number.is_uint64()) {
    out += fmt::format_int(number.get_uint64()).c_str();
  } else {
    out += fmt::format_int(number.get_int64()).c_str();
  }
}

result<void> append_json(const json::value& value, const text_bounds& bounds, std::string& out) {
  std::vector<open_value> open;
  const json::value* next = &value;
  while (true) {
    bool fits = true;
    if (next->is_structured()) {
      if (open.size() == bounds.depth_max) {
        return refusal(errc::too_deep,
                       fmt::format("values are nested deeper than {}", bounds.depth_max));
      }
      out += next->is_array() ? '[' : '{';
      open.push_back({next});
    } else {
      fits = append_scalar(*next, bounds.bytes_max, out);
    }
    while (!open.empty() && open.back().next == size_of(*open.back().whole)) {
      out += open.back().whole->is_array() ? ']' : '}';
      open.pop_back();
    }
    fits = fits && out.size() <= bounds.bytes_max;
    if (fits && open.empty()) {
      return {};
    }
    next = fits ? begin_member(open.back(), bounds.bytes_max, out) : nullptr;
    if (next == nullptr) {
      return refusal(errc::output_too_big,
                     fmt::format("the result is longer than {} bytes", bounds.bytes_max));
    }
  }
}

}  // namespace engine::templating::internal
