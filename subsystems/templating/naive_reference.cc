#include "subsystems/templating/naive_reference.h"

#include <cstdint>
#include <cstdio>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

namespace engine::templating::naive {
namespace {

namespace json = boost::json;

using path = std::vector<step>;

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    return "";
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::string name_characters() {
  std::string all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";
  for (int byte = 0x80; byte <= 0xFF; ++byte) {
    all += static_cast<char>(byte);
  }
  return all;
}

// Where the quote stands that closes the one at `opening`, npos if none does.
std::size_t closing_quote(const std::string& text, std::size_t opening) {
  for (std::size_t at = opening + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == text[opening]) {
      return at;
    }
  }
  return std::string::npos;
}

std::string unescaped(const std::string& quoted) {
  std::string plain;
  for (std::size_t at = 0; at < quoted.size(); ++at) {
    const bool escapes = quoted[at] == '\\' && at + 1 < quoted.size() &&
                         std::string("\\'\"").find(quoted[at + 1]) != std::string::npos;
    at += escapes ? 1 : 0;
    plain += quoted[at];
  }
  return plain;
}

std::optional<step> index_of(const std::string& digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (const char digit : digits) {
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    if (number > 0xFFFF'FFFF) {
      return std::nullopt;
    }
  }
  return step{step::kind::index, std::to_string(number)};
}

// The step that `rest`, which starts with "[", starts with; cuts it off.
std::optional<step> take_bracket(std::string& rest) {
  rest = trimmed(rest.substr(1));
  std::optional<step> taken;
  std::size_t behind = rest.find(']');
  if (rest.starts_with('\'') || rest.starts_with('"')) {
    const std::size_t quote = closing_quote(rest, 0);
    if (quote == std::string::npos) {
      return std::nullopt;
    }
    taken = step{step::kind::key, unescaped(rest.substr(1, quote - 1))};
    behind = rest.find_first_not_of(" \t\r\n", quote + 1);
  } else if (behind != std::string::npos) {
    taken = index_of(trimmed(rest.substr(0, behind)));
  }
  if (behind == std::string::npos || rest[behind] != ']') {
    return std::nullopt;
  }
  rest = rest.substr(behind + 1);
  return taken;
}

std::optional<step> take_name(std::string& rest) {
  rest = trimmed(rest);
  const std::string name = rest.substr(0, rest.find_first_not_of(name_characters()));
  rest = rest.substr(name.size());
  if (name.empty()) {
    return std::nullopt;
  }
  return step{step::kind::name, name};
}

std::optional<path> steps_from(std::string rest, bool is_first) {
  rest = trimmed(rest);
  if (rest.empty() && !is_first) {
    return path{};
  }
  std::optional<step> taken;
  if (rest.starts_with('[')) {
    taken = take_bracket(rest);
  } else if (is_first) {
    taken = take_name(rest);
  } else if (rest.starts_with('.')) {
    rest = rest.substr(1);
    taken = take_name(rest);
  }
  if (!taken) {
    return std::nullopt;
  }
  std::optional<path> following = steps_from(rest, false);
  if (following) {
    following->insert(following->begin(), *taken);
  }
  return following;
}

path without_first(const path& steps, std::size_t count) {
  return {steps.begin() + static_cast<std::ptrdiff_t>(count), steps.end()};
}

const json::value* value_below(const json::value& from, const path& steps) {
  if (steps.empty()) {
    return &from;
  }
  if (steps[0].what == step::kind::index) {
    const std::size_t index = std::stoull(steps[0].name);
    return from.is_array() && index < from.as_array().size()
               ? value_below(from.as_array()[index], without_first(steps, 1))
               : nullptr;
  }
  if (!from.is_object()) {
    return nullptr;
  }
  // A key with dots looks like several names: the fewest that make a member are taken.
  std::string key = steps[0].name;
  for (std::size_t count = 1;; ++count) {
    if (from.as_object().contains(key)) {
      return value_below(from.as_object().at(key), without_first(steps, count));
    }
    if (count == steps.size() || steps[count - 1].what != step::kind::name ||
        steps[count].what != step::kind::name) {
      return nullptr;
    }
    key += "." + steps[count].name;
  }
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    char escape[8];
    if (c == '"' || c == '\\') {
      json += std::string("\\") + c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      json += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static_cast<void>(std::snprintf(escape, sizeof escape, "\\u%04x", c));
      json += escape;
    } else {
      json += c;
    }
  }
  return json + '"';
}

std::string number_text(double number) {
  char digits[40];
  static_cast<void>(std::snprintf(digits, sizeof digits, "%.15g", number));
  const std::string text = digits;
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

// What stands for a placeholder, nothing if nothing does.
std::optional<json::value> value_of(const std::string& inside, const mounts& values) {
  const std::string source = trimmed(inside);
  const bool is_quoted = source.starts_with('\'') || source.starts_with('"');
  if (is_quoted && closing_quote(source, 0) == source.size() - 1) {
    return json::value(json::string(unescaped(source.substr(1, source.size() - 2))));
  }
  const std::optional<path> steps = steps_of(source);
  const json::value* const found = steps ? lookup(*steps, values) : nullptr;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace

std::size_t closing_of(const std::string& text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text.compare(at, 2, "}}") == 0) {
      return at;
    }
    if (text[at] == '\'' || text[at] == '"') {
      at = closing_quote(text, at);
      if (at == std::string::npos) {
        break;
      }
    }
  }
  return std::string::npos;
}

std::optional<std::vector<step>> steps_of(const std::string& inside) {
  return steps_from(inside, true);
}

const json::value* lookup(const std::vector<step>& steps, const mounts& values) {
  const auto whole = values.find("");
  const json::value* found = whole == values.end() ? nullptr : value_below(whole->second, steps);
  std::string joined;
  for (std::size_t count = 1; count <= steps.size(); ++count) {
    if (steps[count - 1].what == step::kind::index) {
      break;
    }
    joined += (count == 1 ? "" : ".") + steps[count - 1].name;
    const auto mount = values.find(joined);
    if (!joined.empty() && mount != values.end()) {
      const json::value* const below = value_below(mount->second, without_first(steps, count));
      found = below != nullptr ? below : found;
    }
  }
  return found;
}

std::string json_of(const json::value& value) {
  std::string text;
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return value.as_bool() ? "true" : "false";
    case json::kind::int64:
      return std::to_string(value.as_int64());
    case json::kind::uint64:
      return std::to_string(value.as_uint64());
    case json::kind::double_:
      return number_text(value.as_double());
    case json::kind::string:
      return quoted(std::string(value.as_string()));
    case json::kind::array:
      for (const json::value& each : value.as_array()) {
        text += (text.empty() ? "" : ",") + json_of(each);
      }
      return "[" + text + "]";
    case json::kind::object:
      for (const auto& each : value.as_object()) {
        text += (text.empty() ? "" : ",") + quoted(std::string(each.key())) + ":" +
                json_of(each.value());
      }
      return "{" + text + "}";
  }
  return text;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json_of(value);
}

bool is_one_placeholder(const std::string& text) {
  return text.starts_with("{{") && closing_of(text, 2) == text.size() - 2;
}

std::optional<std::string> render(const std::string& text, const mounts& values) {
  const std::size_t opening = text.find("{{");
  if (opening == std::string::npos) {
    return text;
  }
  const std::size_t closing = closing_of(text, opening + 2);
  if (closing == std::string::npos) {
    return std::nullopt;
  }
  const auto value = value_of(text.substr(opening + 2, closing - opening - 2), values);
  const auto following = render(text.substr(closing + 2), values);
  if (!value || !following) {
    return std::nullopt;
  }
  return text.substr(0, opening) + text_of(*value) + *following;
}

std::optional<json::value> render(const json::value& document, const mounts& values) {
  if (document.is_string()) {
    const std::string text(document.as_string());
    if (is_one_placeholder(text)) {
      return value_of(text.substr(2, text.size() - 4), values);
    }
    const auto rendered = render(text, values);
    return rendered ? std::optional(json::value(json::string(*rendered))) : std::nullopt;
  }
  json::value made = document;
  if (made.is_array()) {
    for (json::value& each : made.as_array()) {
      auto rendered = render(each, values);
      if (!rendered) {
        return std::nullopt;
      }
      each = std::move(*rendered);
    }
  }
  if (made.is_object()) {
    for (auto& each : made.as_object()) {
      auto rendered = render(each.value(), values);
      if (!rendered) {
        return std::nullopt;
      }
      each.value() = std::move(*rendered);
    }
  }
  return made;
}

}  // namespace engine::templating::naive
