#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/json_value_internal.h"

namespace engine::workflow::internal {
namespace {

using support::in_quotes;

constexpr std::array<std::string_view, 3> words_true = {"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> words_false = {"false", "False", "FALSE"};
constexpr std::array<std::string_view, 3> words_nan = {".nan", ".NaN", ".NAN"};
constexpr std::array<std::string_view, 3> words_infinity = {".inf", ".Inf", ".INF"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Removes the digits that `text` starts with, and says how many there were.
std::size_t take_digits(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits;
}

bool take_any_of(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

enum class number_form { none, whole, fraction };

number_form form_of(std::string_view text) {
  take_any_of(text, "+-");
  std::size_t digits = take_digits(text);
  if (text.empty()) {
    return digits > 0 ? number_form::whole : number_form::none;
  }
  if (take_any_of(text, ".")) {
    digits += take_digits(text);
  }
  if (digits == 0) {
    return number_form::none;
  }
  if (take_any_of(text, "eE")) {
    take_any_of(text, "+-");
    if (take_digits(text) == 0) {
      return number_form::none;
    }
  }
  return text.empty() ? number_form::fraction : number_form::none;
}

// Reads all of `text`; nothing if it holds anything else or the type cannot hold its value.
template <class Number, class... Format>
std::optional<boost::json::value> parse_all(std::string_view text, Format... format) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, format...);
  if (problem != std::errc() || stop != end) {
    return std::nullopt;
  }
  return boost::json::value(number);
}

std::optional<boost::json::value> parse_decimal(std::string_view text, number_form form) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  std::optional<boost::json::value> parsed;
  if (form == number_form::whole) {
    parsed = parse_all<std::int64_t>(text);
    if (!parsed) {
      parsed = parse_all<std::uint64_t>(text);
    }
  }
  return parsed ? parsed : parse_all<double>(text, std::chars_format::general);
}

// Whether `number`, which `text` means, is written as that.
bool is_written_so(const boost::json::value& number, std::string_view text) {
  if (const std::int64_t* const whole = number.if_int64()) {
    return fmt::format_int(*whole).str() == text;
  }
  if (const std::uint64_t* const whole = number.if_uint64()) {
    return fmt::format_int(*whole).str() == text;
  }
  std::array<char, 32> digits{};
  const auto [end, problem] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number.get_double());
  std::string shown(digits.data(), end);
  shown += shown.find_first_of(".e") == std::string::npos ? ".0" : "";
  return shown == text;
}

bool holds_only(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

boost::json::value scalar_to_json(const node& from, load_context& load, numbers style) {
  if (!from.plain) {
    return boost::json::value(from.text);
  }
  std::optional<boost::json::value> value = plain_value(from.text);
  if (!value) {
    load.refuse(errc::bad_value, from.where,
                fmt::format("{} is no number that JSON can hold", in_quotes(from.text)));
    return nullptr;
  }
  const bool is_beyond = value->is_double() && form_of(from.text) == number_form::whole;
  const bool is_respelt =
      style == numbers::written && value->is_number() && !is_written_so(*value, from.text);
  return is_beyond || is_respelt ? boost::json::value(from.text) : *std::move(value);
}

}  // namespace

std::optional<boost::json::value> plain_value(std::string_view text) {
  if (is_one_of(text, words_true) || is_one_of(text, words_false)) {
    return boost::json::value(is_one_of(text, words_true));
  }
  if (const number_form form = form_of(text); form != number_form::none) {
    return parse_decimal(text, form);
  }
  if (text.starts_with("0x") && holds_only(text.substr(2), "0123456789abcdefABCDEF")) {
    return parse_all<std::uint64_t>(text.substr(2), 16);
  }
  if (text.starts_with("0o") && holds_only(text.substr(2), "01234567")) {
    return parse_all<std::uint64_t>(text.substr(2), 8);
  }
  std::string_view unsigned_text = text;
  take_any_of(unsigned_text, "+-");
  if (is_one_of(text, words_nan) || is_one_of(unsigned_text, words_infinity)) {
    return std::nullopt;
  }
  return boost::json::value(text);
}

boost::json::value to_json(const node& from, load_context& load, numbers style) {
  switch (from.kind) {
    case node_kind::null:
      return nullptr;
    case node_kind::scalar:
      return scalar_to_json(from, load, style);
    case node_kind::sequence: {
      boost::json::array items;
      items.reserve(from.items.size());
      for (const node* item : from.items) {
        items.push_back(to_json(*item, load, style));
      }
      return items;
    }
    case node_kind::map: {
      if (from.members.size() > load.bounds().keys_max) {
        load.refuse(errc::too_many_keys, from.where,
                    fmt::format("a map with more than {} keys", load.bounds().keys_max));
        return nullptr;
      }
      boost::json::object members;
      members.reserve(from.members.size());
      for (const member& each : from.members) {
        members.emplace(each.key, to_json(*each.value, load, style));
      }
      return members;
    }
  }
  return nullptr;
}

}  // namespace engine::workflow::internal
