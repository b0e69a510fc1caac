#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/templating/filters_internal.h"

namespace engine::templating::internal {
namespace {

namespace json = boost::json;

error refuse(errc code, std::string message) {
  return {.code = code, .where = {}, .message = std::move(message), .pointer = {}};
}

std::string_view name_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a truth value";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
    default:
      return "a number";
  }
}

// In UTF-8, continuation bytes begin no character.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

result<void> apply_length(operand& to) {
  const json::value& value = *to.get();
  if (value.is_string()) {
    to.replace(characters(value.get_string()));
  } else if (value.is_array()) {
    to.replace(value.get_array().size());
  } else if (value.is_object()) {
    to.replace(value.get_object().size());
  } else {
    return refuse(
        errc::wrong_type,
        fmt::format("length of {}: it takes text, an array or an object", name_of(value)));
  }
  return {};
}

// The message names the filter, where it names the pattern alone.
error refuse_pattern(std::string_view filter, error problem) {
  if (problem.code == errc::pattern_too_slow) {
    problem.message = fmt::format("{}: {}", filter, problem.message);
  }
  return problem;
}

result<void> apply_pattern(const filter& which, const limits& bounds, pattern_budget& budget,
                           operand& to) {
  const json::value& value = *to.get();
  const bool matches = which.kind == filter_kind::match;
  const std::string_view name = matches ? "match" : "replace";
  if (value.is_structured()) {
    return refuse(errc::wrong_type, fmt::format("{} in {}: it takes text", name, name_of(value)));
  }
  std::string storage;
  const result<std::string_view> text = text_of(value, rendering_bounds(bounds), storage);
  if (!text) {
    return text.error();
  }
  if (!matches && text->size() > bounds.replace_bytes_max) {
    return refuse(errc::value_too_big, fmt::format("replace in {} bytes; it takes {} at most",
                                                   text->size(), bounds.replace_bytes_max));
  }
  if (matches) {
    const result<bool> found = which.matcher->matches(*text, budget);
    if (!found) {
      return refuse_pattern(name, found.error());
    }
    to.replace(*found);
    return {};
  }
  const result<std::string> replaced =
      which.matcher->replace(*text, which.with, bounds.output_bytes_max, budget);
  if (!replaced) {
    return refuse_pattern(name, replaced.error());
  }
  to.replace(json::string(*replaced));
  return {};
}

// `as_json`: a text, too, as JSON text.
result<void> apply_text(bool as_json, const limits& bounds, operand& to) {
  if (to.get()->is_string() && !as_json) {
    return {};
  }
  std::string text;
  if (const result<void> written = append_json(*to.get(), rendering_bounds(bounds), text);
      !written) {
    return written.error();
  }
  to.replace(json::string(text));
  return {};
}

std::size_t text_bytes(const json::value& value) {
  return value.is_string() ? value.get_string().size() : 0;
}

result<void> apply_one(const filter& which, const limits& bounds, pattern_budget& budget,
                       operand& to) {
  switch (which.kind) {
    case filter_kind::constant:
    case filter_kind::default_value:
      return {};
    case filter_kind::length:
      return apply_length(to);
    case filter_kind::match:
    case filter_kind::replace:
      return apply_pattern(which, bounds, budget, to);
    case filter_kind::json:
    case filter_kind::string:
      return apply_text(which.kind == filter_kind::json, bounds, to);
  }
  return {};
}

}  // namespace

result<std::string_view> text_of(const json::value& value, const text_bounds& bounds,
                                 std::string& storage) {
  if (value.is_string()) {
    return std::string_view(value.get_string());
  }
  if (const result<void> written = append_json(value, bounds, storage); !written) {
    return written.error();
  }
  return std::string_view(storage);
}

result<void> apply(std::span<const filter> filters, const limits& bounds, filter_budget& budget,
                   operand& to) {
  const auto refuse_bytes = [&] {
    return refuse(errc::value_too_big,
                  fmt::format("filters have read and written {} bytes", bounds.filter_bytes_max));
  };
  for (const filter& each : filters) {
    if (to.get() == nullptr &&
        (each.kind == filter_kind::constant || each.kind == filter_kind::default_value)) {
      to.refer(each.argument);
    }
    if (to.get() == nullptr) {
      continue;  // A default may follow.
    }
    const std::size_t read = text_bytes(*to.get());
    if (read > budget.bytes_left) {
      return refuse_bytes();
    }
    budget.bytes_left -= read;
    // What is left to write is one more limit of what a filter makes.
    limits closer = bounds;
    closer.output_bytes_max = std::min(bounds.output_bytes_max, budget.bytes_left);
    if (const result<void> applied = apply_one(each, closer, budget.patterns, to); !applied) {
      const bool is_out_of_bytes = applied.error().code == errc::output_too_big &&
                                   closer.output_bytes_max < bounds.output_bytes_max;
      return is_out_of_bytes ? refuse_bytes() : applied.error();
    }
    const std::size_t written = text_bytes(*to.get());
    if (written > budget.bytes_left) {
      return refuse_bytes();
    }
    budget.bytes_left -= written;
  }
  return {};
}

}  // namespace engine::templating::internal
