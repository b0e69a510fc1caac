#include "bench/templating/text_input.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/format.h>
#define XXH_INLINE_ALL  // NOLINT(cppcoreguidelines-macro-usage): how the library is told so.
#include <xxhash.h>

namespace headroom::templating_bench {
namespace {

constexpr std::string_view words =
    "set -eu; echo building the image now\ncurl --fail --retry 3 -o /tmp/report.json "
    "https://example.org/v1/reports?format=json&limit=100\nexit 0\n";

constexpr std::array<std::string_view, 10> usual_values = {
    "main", "alpine:3.18", "42",   "us-east-1", "hello world",
    "true", "2024-06-30",  "prod", "/mnt/vol",  "team-payments"};

std::string path_of(std::uint32_t number, std::uint32_t depth) {
  std::string path;
  constexpr std::array<std::string_view, 4> names = {"inputs", "parameters", "labels", "section"};
  for (std::uint32_t level = 0; level + 1 < depth; ++level) {
    path += fmt::format("{}.", names[std::min<std::size_t>(level, names.size() - 1)]);
  }
  return path + fmt::format("name{}", number);
}

}  // namespace

std::size_t text_hash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

void put(boost::json::value& into, std::string_view path, std::string_view value) {
  boost::json::value* at = &into;
  while (true) {
    if (!at->is_object()) {
      at->emplace_object();
    }
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = &at->get_object()[path.substr(0, dot)];
    if (dot == path.size()) {
      break;
    }
    path.remove_prefix(dot + 1);
  }
  if (at->is_null()) {
    *at = value;
  }
}

flat_values flatten(const boost::json::value& document) {
  flat_values found;
  std::vector<std::pair<std::string, const boost::json::value*>> left = {{"", &document}};
  while (!left.empty()) {
    const auto [path, value] = std::move(left.back());
    left.pop_back();
    if (value->is_string()) {
      found.emplace(path, value->get_string());
      continue;
    }
    for (const auto& member : value->get_object()) {
      left.emplace_back(path.empty() ? std::string(member.key())
                                     : fmt::format("{}.{}", path, std::string_view(member.key())),
                        &member.value());
    }
  }
  return found;
}

text_input::text_input(const text_options& options) {
  document_.emplace_object();
  for (std::uint32_t at = 0; at < options.placeholders; ++at) {
    const std::uint32_t number = options.different_paths == 0 ? at : at % options.different_paths;
    const std::string path = path_of(number, options.path_depth);
    std::string value(usual_values[number % usual_values.size()]);
    if (options.value_bytes > 0) {
      value.assign(options.value_bytes, static_cast<char>('a' + number % 26));
    }
    add_literal(options.literal_bytes);
    const std::size_t begin = text_.size();
    text_ += fmt::format("{{{{{}}}}}", path);
    spans_.push_back({begin, text_.size()});
    output_ += value;
    put(document_, path, value);
  }
  add_literal(options.literal_bytes);
  values_ = flatten(document_);
}

void text_input::add_literal(std::uint32_t bytes) {
  std::string literal;
  for (std::uint32_t at = 0; at < bytes; ++at) {
    literal += words[(output_.size() + at) % words.size()];
  }
  text_ += literal;
  output_ += literal;
}

std::string text_input::mismatch(const std::string& rendered) const {
  return difference(rendered, output_);
}

std::string text_input::mismatch(const std::vector<span>& found) const {
  if (found == spans_) {
    return {};
  }
  return fmt::format("{} placeholders found, {} expected, or at other places", found.size(),
                     spans_.size());
}

std::string difference(std::string_view rendered, std::string_view expected) {
  if (rendered == expected) {
    return {};
  }
  const auto [wrong, right] =
      std::mismatch(rendered.begin(), rendered.end(), expected.begin(), expected.end());
  return fmt::format("{} bytes instead of {}, other from byte {} on", rendered.size(),
                     expected.size(), wrong - rendered.begin());
}

}  // namespace headroom::templating_bench
