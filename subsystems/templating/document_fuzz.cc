// Any JSON as the template of a document: what it renders to is JSON, or a printable reason says
// why there is nothing. What is compiled holds little more than the document.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json/parse.hpp>

#include "subsystems/support/utf8.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/render.h"

namespace {

namespace json = boost::json;
namespace templating = engine::templating;

// Small enough for short inputs to reach. Time is no limit, so that results are always the same.
constexpr templating::limits bounds = {.template_bytes_max = 4'096,
                                       .placeholders_max = 20,
                                       .path_depth_max = 6,
                                       .filters_max = 3,
                                       .pattern_bytes_max = 40,
                                       .pattern_memory_bytes_max = 65'536,
                                       .patterns_max = 4,
                                       .pattern_steps_max = 100'000,
                                       .pattern_time_max = std::chrono::hours(1),
                                       .replace_bytes_max = 200,
                                       .value_depth_max = 8,
                                       .output_bytes_max = 8'192};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// The string of `document` that `refusal` is about must hold the place it names.
void require_reason(const templating::error& refusal, const json::value& document) {
  require(!refusal.message.empty());
  require(engine::support::is_utf8(refusal.what()));
  if (refusal.where.line == 0) {
    return;
  }
  boost::system::error_code problem;
  const json::value* const found = document.find_pointer(refusal.pointer, problem);
  require(found != nullptr && found->is_string());
  require(refusal.where == templating::position_of(found->get_string(), refusal.where.offset));
}

const json::value& held() {
  static const json::value rich = json::parse(
      R"({"b": "text", "n": null, "t": true, "u": 18446744073709551615, "d": 2.0,
          "s": "q\"'\\\n\u0001{{ a.b }} é🕓", "l": [1, "x", [2]], "o": {"\"": "\",\"x\":\""},
          "long": "\"0123456789012345678901234567890123456789"})");
  return rich;
}

templating::context& values(bool lenient) {
  const auto make = [](bool is_lenient) {
    templating::context made(
        {.bounds = bounds, .lenient = is_lenient, .paths_max = 16, .templates_max = 2});
    made.set("a", held());
    made.set("item", held().at("s"));
    return made;
  };
  static templating::context strict_one = make(false);
  static templating::context lenient_one = make(true);
  return lenient ? lenient_one : strict_one;
}

// Whether `made` is `document` but for its texts, which may have become anything, or with
// `texts_count` but for nothing. Reading doubles, Boost.JSON 1.81 is off by a bit or two.
bool is_alike(const json::value& made, const json::value& document, bool texts_count) {
  if (document.is_string()) {
    return !texts_count || made == document;
  }
  if (document.is_double()) {
    const double expected = document.get_double();
    const double off_max = std::max(std::abs(expected) * 0x1p-48, 1e-300);
    if (std::isnan(expected)) {  // Of "-0e3333", and JSON text has only this for it.
      return made.is_null();
    }
    return made == document ||
           (made.is_double() && std::abs(made.get_double() - expected) <= off_max);
  }
  if (made.kind() != document.kind() || !document.is_structured()) {
    return made == document;
  }
  if (document.is_array()) {
    const auto all_alike = [&](const json::value& left, const json::value& right) {
      return is_alike(left, right, texts_count);
    };
    return std::equal(made.get_array().begin(), made.get_array().end(),
                      document.get_array().begin(), document.get_array().end(), all_alike);
  }
  return made.get_object().size() == document.get_object().size() &&
         std::all_of(document.get_object().begin(), document.get_object().end(),
                     [&](const auto& member) {
                       const json::value* const other = made.get_object().if_contains(member.key());
                       return other != nullptr && is_alike(*other, member.value(), texts_count);
                     });
}

void check_rendering(const templating::compiled_template& compiled, const json::value& document,
                     templating::context& with) {
  const auto text = render(compiled, with);
  const auto value = render_value(compiled, with);
  require(text.has_value() == value.has_value());
  if (!text) {
    require_reason(text.error(), document);
    return;
  }
  boost::system::error_code problem;
  const json::value parsed = json::parse(*text, problem);
  require(!problem && parsed == *value);
  require(is_alike(parsed, document, false));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  boost::system::error_code problem;
  const json::value document =
      json::parse(std::string_view(reinterpret_cast<const char*>(data), size), problem);
  if (problem) {
    return 0;
  }
  const auto compiled = templating::compile_document(document, bounds);
  if (!compiled) {
    require_reason(compiled.error(), document);
    return 0;
  }
  require(is_alike(json::parse(compiled->source()), document, true));
  require(compiled->bytes() <= 8'192 + 40 * compiled->source().size() +
                                   bounds.patterns_max * bounds.pattern_memory_bytes_max);
  for (const templating::reference& each : references(*compiled)) {
    boost::system::error_code missing;
    const json::value* const mentions = document.find_pointer(each.pointer, missing);
    require(mentions != nullptr && mentions->is_string());
    require(std::string_view(mentions->get_string()).find(each.text) != std::string_view::npos);
  }
  for (const bool lenient : {false, true}) {
    check_rendering(*compiled, document, values(lenient));
  }
  return 0;
}
