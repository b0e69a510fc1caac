#include "subsystems/templating/naive_reference_inputs.h"

#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace engine::templating::naive {
namespace {

namespace json = boost::json;

constexpr std::string_view fragments[] = {
    "a",    "bc", " ",  "x y", "\"",   "'",           "\\", "{",   "}",       "{{",        "}}",
    "\n",   "\t", "\r", "\b",  "\x01", "\x1F",        "%s", "|",   "{{a}}",   "{{ a.b }}", "{{=a}}",
    "\x7F", "é",  "€",  "🕓",   "\\\"", "\",\"x\":\"", "$&", "\\1", "\\u0041", "null",      "12",
};

constexpr std::string_view keys[] = {"a",    "b",    "key",    "a.b", "b.key", "io/x", "it's",
                                     "q\"q", "b\\s", "b\\\\s", "é",   "",      "}}",   "{{"};

constexpr std::string_view roots[] = {"a", "b", "a.b", "a.key", "key", "é.b", ""};

constexpr std::string_view blanks[] = {"", "", "", "", " ", " ", "  ", "\n", "\t", "\r\n"};

constexpr std::string_view broken_placeholders[] = {
    "{{}}",
    "{{ }}",
    "{{=a}}",
    "{{ = a.b }}",
    "{{.a}}",
    "{{a.}}",
    "{{a b}}",
    "{{a[}}",
    "{{a['x}}",
    "{{a",
    "{{a}",
    "{{",
    "{{{a}}}",
    "{{it's}}",
    "{{ 'x }}",
    "{{a | }}",
    "{{a|nope}}",
    "{{a|default}}",
    "{{a|default(x)}}",
    "{{a|default('x'}}",
    "{{a|json(1)}}",
    "{{a|match('(')}}",
    "{{a|replace('a','\\1')}}",
    "{{a[4294967296]}}",
    "{{a['b'}}",
    "{{a$}}",
};

constexpr std::string_view filters[] = {
    "|default('x')",  "| default(1)",         "| json ",           "|string",
    "|length",        "| match('a+') ",       "|replace('a','b')", "|replace(\"(.)\",'<\\1>')",
    "|default('}}')", "| default(\"it's\") ", "|default(null)",    "|default(-2.50)",
    "|json|json",     "|default( true )",     "|match('^$')",      "|replace('','-')",
};

constexpr std::string_view constants[] = {"'{{'", "'a\\'b'", "\"}}\" ", "''", "'\\\\'", "\"it's\""};

// What is drawn in one expression is drawn in any order, so each draw has a statement of its own.
template <std::size_t Count>
std::string pick(fixtures::random& source, const std::string_view (&from)[Count]) {
  return std::string(from[source.below(Count)]);
}

bool is_in(fixtures::random& source, std::uint32_t percent) { return source.below(100) < percent; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

// Whether a member can be named behind a dot: names joined by dots.
bool is_dotted(const std::string& key) {
  std::string last = ".";
  for (const char c : key) {
    if (!is_name(c) && (c != '.' || last == ".")) {
      return false;
    }
    last = c;
  }
  return last != ".";
}

std::string in_brackets(fixtures::random& source, const std::string& key) {
  const char quote = source.below(2) == 0 ? '\'' : '"';
  std::string quoted = "[" + pick(source, blanks);
  quoted += quote;
  for (const char c : key) {
    if (c == quote || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + quote + pick(source, blanks) + "]";
}

// A step from `at` to one of its members, which `at` becomes.
std::string random_step(fixtures::random& source, const json::value*& at) {
  if (at->is_array()) {
    const auto index = source.below(static_cast<std::uint32_t>(at->as_array().size()));
    at = &at->as_array()[index];
    return "[" + pick(source, blanks) + std::to_string(index) + "]";
  }
  const auto number = source.below(static_cast<std::uint32_t>(at->as_object().size()));
  const auto& member = *std::next(at->as_object().begin(), number);
  at = &member.value();
  const std::string key(member.key());
  std::string step = pick(source, blanks);
  if (is_dotted(key) && source.below(3) > 0) {
    step += "." + pick(source, blanks);
    return step + key;
  }
  return step + in_brackets(source, key);
}

bool has_members(const json::value& value) {
  return (value.is_array() && !value.as_array().empty()) ||
         (value.is_object() && !value.as_object().empty());
}

std::string random_path(fixtures::random& source, const mounts& values, std::uint32_t missing) {
  const auto number = source.below(static_cast<std::uint32_t>(values.size()));
  const auto mount = std::next(values.begin(), number);
  std::string path = mount->first;
  const json::value* at = &mount->second;
  while (has_members(*at) && (path.empty() || source.below(4) > 0)) {
    path += random_step(source, at);
  }
  path.erase(0, path.find_first_not_of(" \t\r\n."));
  return is_in(source, missing) ? path + ".missing" : path;
}

}  // namespace

std::string random_string(fixtures::random& source) {
  std::string text;
  for (std::uint32_t left = source.below(6); left > 0; --left) {
    text += pick(source, fragments);
  }
  const std::uint32_t rare = source.below(40);
  return rare == 0 ? text + std::string(source.between(25, 700), 'y') + text : text;
}

json::value random_value(fixtures::random& source, std::uint32_t depth_max) {
  switch (source.below(depth_max > 0 ? 8 : 5)) {
    case 0:
      return source.below(2) == 0 ? json::value(nullptr) : json::value(source.below(2) == 0);
    case 1:
      return static_cast<std::int64_t>(source.next()) >> source.below(63);
    case 2:
      return source.next() >> source.below(63);
    case 3:
      return (static_cast<double>(source.below(80'000)) - 40'000.0) / 8;
    case 4:
      return json::value(json::string(random_string(source)));
    case 5: {
      json::array made;
      for (std::uint32_t left = source.below(4); left > 0; --left) {
        made.push_back(random_value(source, depth_max - 1));
      }
      return made;
    }
    default: {
      json::object made;
      for (std::uint32_t left = source.below(5); left > 0; --left) {
        const std::string key = pick(source, keys);
        made.insert_or_assign(key, random_value(source, depth_max - 1));
      }
      return made;
    }
  }
}

mounts random_mounts(fixtures::random& source) {
  mounts made;
  for (std::uint32_t left = source.between(1, 4); left > 0; --left) {
    const std::string path = pick(source, roots);
    made[path] = random_value(source, 3);
  }
  return made;
}

std::string random_placeholder(fixtures::random& source, const mounts& values, const mixture& of) {
  if (is_in(source, of.broken)) {
    return pick(source, broken_placeholders);
  }
  std::string inside = is_in(source, of.constants) ? pick(source, constants)
                                                   : random_path(source, values, of.missing);
  while (is_in(source, of.filtered)) {
    inside += pick(source, blanks);
    inside += pick(source, filters);
  }
  inside.insert(0, "{{" + pick(source, blanks));
  return inside + pick(source, blanks) + "}}";
}

std::string random_template(fixtures::random& source, const mounts& values, const mixture& of) {
  std::string text;
  for (std::uint32_t left = source.below(7); left > 0; --left) {
    std::string literal = random_string(source);
    // A literal must not open a placeholder, or nearly all of the texts would be broken.
    for (std::size_t at; (at = literal.find('{')) != std::string::npos;) {
      literal.replace(at, 1, "[");
    }
    if (!text.empty() && source.below(20) == 0) {
      literal += "{";
    }
    text += literal + random_placeholder(source, values, of);
  }
  return source.below(2) == 0 ? text : text + "}} '\"";
}

json::value random_document(fixtures::random& source, const mounts& values, const mixture& of,
                            std::uint32_t depth_max) {
  json::value made = random_value(source, depth_max);
  if (made.is_string()) {
    return json::value(json::string(source.below(2) == 0 ? random_placeholder(source, values, of)
                                                         : random_template(source, values, of)));
  }
  if (made.is_array()) {
    for (json::value& each : made.as_array()) {
      each = random_document(source, values, of, depth_max - 1);
    }
  }
  if (made.is_object()) {
    for (auto& each : made.as_object()) {
      each.value() = random_document(source, values, of, depth_max - 1);
    }
  }
  return made;
}

}  // namespace engine::templating::naive
