#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/json_value_internal.h"
#include "subsystems/workflow/object_reader_internal.h"
#include "subsystems/workflow/placeholders_internal.h"

namespace engine::workflow::internal {
namespace {

using support::did_you_mean;
using support::in_quotes;

const node& empty_map() {
  static const node empty = [] {
    node map;
    map.kind = node_kind::map;
    return map;
  }();
  return empty;
}

std::string_view name_of(node_kind kind) {
  switch (kind) {
    case node_kind::null:
      return "null";
    case node_kind::scalar:
      return "a single value";
    case node_kind::sequence:
      return "a list";
    case node_kind::map:
      return "a map";
  }
  return "unknown";
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

object_reader::object_reader(const node& from, std::string subject, load_context& load)
    : from_(from.kind == node_kind::map ? from : empty_map()),
      where_(from.where),
      is_map_(from.kind == node_kind::map),
      subject_(std::move(subject)),
      load_(load) {
  if (!is_map_) {
    refuse(errc::wrong_type, from.where,
           fmt::format("a map is expected, not {}", name_of(from.kind)));
  }
}

bool object_reader::allow_only(std::span<const std::string_view> known) {
  bool all_known = true;
  for (const member& each : from_.members) {
    if (std::find(known.begin(), known.end(), each.key) != known.end()) {
      continue;
    }
    all_known = false;
    if (!load_.stopped()) {
      const std::string_view nearest = support::nearest_name(each.key, known, load_.guesses());
      refuse(errc::unknown_key, each.where,
             fmt::format("unknown key {}{}", in_quotes(each.key), did_you_mean(nearest)));
    }
  }
  return all_known;
}

const node* object_reader::find(std::string_view key) const {
  for (const member& each : from_.members) {
    if (each.key == key) {
      return each.value->kind == node_kind::null ? nullptr : each.value;
    }
  }
  return nullptr;
}

std::string object_reader::text(std::string_view key) {
  const node* const value = find(key);
  return value == nullptr ? std::string() : text_of(*value, key);
}

std::string object_reader::text_of_lines(std::string_view key) {
  const node* const value = find(key);
  return value == nullptr ? std::string() : text_of(*value, key, "\t\n\r");
}

std::string object_reader::required_text(std::string_view key) {
  const node* const value = find(key);
  if (value == nullptr && is_map_) {
    refuse(errc::missing_key, where_, fmt::format("{} is missing", key));
  } else if (value != nullptr && value->kind == node_kind::scalar && value->text.empty()) {
    refuse(errc::missing_key, value->where, fmt::format("{} is empty", key));
  }
  return text(key);
}

std::string object_reader::required_name(std::string_view key) {
  std::string read = required_text(key);
  const std::uint32_t bytes_max = load_.bounds().name_bytes_max;
  if (read.size() > bytes_max) {
    refuse(errc::bad_value, find(key)->where,
           fmt::format("{} {} is longer than {} bytes", key, in_quotes(read), bytes_max));
    read.clear();
  }
  return read;
}

const node* object_reader::scalar(std::string_view key) {
  const node* const value = find(key);
  return value != nullptr && expect(*value, node_kind::scalar, key) ? value : nullptr;
}

std::span<const node* const> object_reader::list(std::string_view key) {
  const node* const value = find(key);
  if (value == nullptr || !expect(*value, node_kind::sequence, key)) {
    return {};
  }
  return value->items;
}

boost::json::value object_reader::json(std::string_view key, numbers style) {
  const node* const value = find(key);
  return value == nullptr ? nullptr : to_json(*value, load_, style);
}

bool object_reader::has_no(std::string_view key) const {
  const node* const value = find(key);
  return value == nullptr || (value->kind == node_kind::sequence && value->items.empty());
}

std::vector<position> object_reader::placeholders(std::string_view key) {
  const node* const value = find(key);
  if (value == nullptr) {
    return {};
  }
  placeholder_survey found = survey_placeholders(*value);
  load_.admit_patterns(found.patterns, value->where);
  return std::move(found.where);
}

object_reader object_reader::object(std::string_view key) {
  const node* const value = find(key);
  object_reader inner(value == nullptr ? empty_map() : *value, fmt::format("{}: {}", subject_, key),
                      load_);
  if (value == nullptr) {
    inner.where_ = where_;
    inner.is_map_ = is_map_;
  }
  return inner;
}

std::vector<std::string> object_reader::texts(std::string_view key) {
  const std::span<const node* const> items = list(key);
  std::vector<std::string> read;
  read.reserve(items.size());
  for (std::size_t at = 0; at < items.size(); ++at) {
    const std::string label = fmt::format("{}[{}]", key, at);
    read.push_back(text_of(*items[at], label));
  }
  return read;
}

std::string object_reader::text_of(const node& value, std::string_view label,
                                   std::string_view controls_allowed) {
  if (!expect(value, node_kind::scalar, label)) {
    return {};
  }
  if (value.plain) {
    const std::optional<boost::json::value> meaning = plain_value(value.text);
    if (!meaning || !meaning->is_string()) {
      refuse(errc::wrong_type, value.where,
             fmt::format("{} must be text; write it as {}", label, in_quotes(value.text)));
      return {};
    }
  }
  const auto is_refused = [controls_allowed](char c) {
    return is_control(c) && controls_allowed.find(c) == std::string_view::npos;
  };
  if (std::any_of(value.text.begin(), value.text.end(), is_refused)) {
    refuse(errc::bad_value, value.where,
           fmt::format("{} {} has control characters", label, in_quotes(value.text)));
    return {};
  }
  return value.text;
}

void object_reader::refuse(errc code, position where, std::string_view message) {
  load_.refuse(code, where, fmt::format("{}: {}", subject_, message));
}

bool object_reader::expect(const node& value, node_kind kind, std::string_view label) {
  if (value.kind != kind) {
    refuse(errc::wrong_type, value.where,
           fmt::format("{} must be {}, not {}", label, name_of(kind), name_of(value.kind)));
    return false;
  }
  return true;
}

}  // namespace engine::workflow::internal
