// Any bytes as a template: they compile and render, or are refused with a printable reason at a
// place in the text; the resolver and the scanner agree with that. No rendering takes a second.

#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>

#include "subsystems/support/utf8.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/reference_reader.h"
#include "subsystems/templating/render.h"
#include "subsystems/templating/scanner.h"

namespace {

namespace templating = engine::templating;

// Small enough for short inputs to reach. Time is no limit, so that all agree on what is refused.
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
                                       .value_depth_max = 4,
                                       .output_bytes_max = 8'192};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_reason(const templating::error& refusal, std::string_view text) {
  require(!refusal.message.empty());
  require(engine::support::is_utf8(refusal.what()));
  require(refusal.where.offset <= text.size());
  require(refusal.where.line == 0 ||
          refusal.where == templating::position_of(text, refusal.where.offset));
}

const boost::json::value& document() {
  static const boost::json::value rich = [] {
    boost::json::value made = boost::json::parse(
        R"({"b": "text", "n": null, "t": true, "i": -7, "u": 18446744073709551615, "d": 2.0,
          "s": "q\"'\\\n{{ a.b }} é🕓", "l": [1, "x", [2, [3, [4, [5]]]]], "k.l": {"m": {}},
          "long": "0123456789012345678901234567890123456789", "": "empty", "}}": "{{",
          "deep": {"a": {"a": {"a": {"a": {"a": 1}}}}}})");
    // As long as the filters take.
    made.as_object()["as"] = std::string(bounds.replace_bytes_max, 'a');
    made.as_object()["es"] = std::string(bounds.output_bytes_max, '\1');
    return made;
  }();
  return rich;
}

std::chrono::nanoseconds used_by_thread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

templating::context& values(bool lenient) {
  const auto make = [](bool is_lenient) {
    // Little is remembered, so that what is forgotten is looked up again.
    templating::context made({.bounds = bounds,
                              .lenient = is_lenient,
                              .paths_max = 16,
                              .templates_max = 2,
                              .text_bytes_max = 1'000});
    made.set("a", document());
    made.set("a.b.c", document().at("l"));
    made.set("item", document().at("s"));
    return made;
  };
  static templating::context strict_one = make(false);
  static templating::context lenient_one = make(true);
  return lenient ? lenient_one : strict_one;
}

templating::result<std::string> rendered(
    const templating::result<templating::compiled_template>& compiled, templating::context& with) {
  if (!compiled) {
    return compiled.error();
  }
  std::array<char, bounds.output_bytes_max> buffer;
  const std::chrono::nanoseconds before = used_by_thread();
  const auto size = render(*compiled, with, buffer);
  require(used_by_thread() - before < std::chrono::seconds(1));
  auto again = render(*compiled, with);
  require(size.has_value() == again.has_value());
  if (size) {
    require(std::string_view(buffer.data(), *size) == *again);
  }
  return again;
}

// With hardly any time, the result is the same, if there is one.
void check_hurried(const templating::compiled_template& compiled,
                   const templating::result<std::string>& expected) {
  templating::limits hurried = bounds;
  hurried.pattern_time_max = {};
  templating::context with({.bounds = hurried});
  with.set("a", document());
  with.set("a.b.c", document().at("l"));
  with.set("item", document().at("s"));
  const auto made = render(compiled, with);
  if (!made && made.error().code == templating::errc::pattern_too_slow) {
    return;
  }
  require(made.has_value() == expected.has_value());
  require(made ? *made == *expected : made.error().code == expected.error().code);
}

void check_resolver(std::string_view text, const templating::result<std::string>& expected,
                    templating::context& with) {
  static templating::resolver resolving(bounds);
  const auto resolved = resolving.resolve(text, with);
  require(resolved.has_value() == expected.has_value());
  if (resolved) {
    require(*resolved == *expected);
    return;
  }
  require_reason(resolved.error(), text);
  constexpr auto too_big = templating::errc::output_too_big;
  if (resolved.error().code == too_big || expected.error().code == too_big) {
    // They count in another order, and whichever stops first knows no later fault.
    require(resolved.error().code >= templating::errc::unknown_reference);
    require(expected.error().code >= templating::errc::unknown_reference);
    return;
  }
  require(resolved.error().code == expected.error().code);
  require(resolved.error().where == expected.error().where);
}

// A placeholder by itself is read as it is compiled.
void require_same(const templating::result<templating::compiled_template>& compiled,
                  std::string_view placeholder) {
  if (placeholder.size() > bounds.template_bytes_max) {
    return;
  }
  static templating::reference_reader reader(bounds);
  const auto read = reader.read(placeholder);
  require(read.has_value() == compiled.has_value());
  if (!read) {
    require(read.error().code == compiled.error().code);
    require(read.error().where == compiled.error().where);
    return;
  }
  const auto found = references(*compiled);
  require(read->path.empty() == found.empty());
  require(found.empty() || (std::equal(read->path.begin(), read->path.end(),
                                       found.front().path.begin(), found.front().path.end()) &&
                            read->has_default == found.front().has_default));
}

// Returns how many placeholders it finds.
std::size_t check_scanner(std::string_view text, bool is_valid) {
  templating::scanner scanned(text);
  std::size_t count = 0;
  std::size_t at = 0;
  for (templating::placeholder found{}; scanned.next(found); ++count) {
    require(found.begin >= at && found.end >= found.begin + 4 && found.end <= text.size());
    require(text.substr(at, found.begin - at).find("{{") == std::string_view::npos);
    require(text.substr(found.begin, 2) == "{{" && text.substr(found.end - 2, 2) == "}}");
    const std::string_view alone = text.substr(found.begin, found.end - found.begin);
    const auto compiled = templating::compile(alone, bounds);
    require(!is_valid || compiled.has_value());
    require_same(compiled, alone);
    at = found.end;
  }
  require(!is_valid || !scanned.unterminated());
  require(!scanned.unterminated() || text.substr(scanned.unterminated_at(), 2) == "{{");
  return count;
}

void check_compiled(const templating::compiled_template& compiled, std::string_view text,
                    std::size_t scanned) {
  require(compiled.source() == text);
  require(compiled.placeholder_count() <= scanned);
  require(compiled.bytes() >= text.size());
  std::size_t at = 0;
  for (const templating::reference& each : references(compiled)) {
    require(!each.path.empty() && each.pointer.empty());
    require(each.where == templating::position_of(text, each.where.offset));
    require(each.where.offset >= at);
    at = each.where.offset + 2;
    const std::size_t inside = text.find_first_not_of(" \t\r\n", at);
    require(text.substr(inside, each.text.size()) == each.text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto compiled = templating::compile(text, bounds);
  const std::size_t scanned = check_scanner(text, compiled.has_value());
  if (compiled) {
    check_compiled(*compiled, text, scanned);
  }
  for (const bool lenient : {false, true}) {
    const auto expected = rendered(compiled, values(lenient));
    if (!expected) {
      require_reason(expected.error(), text);
    }
    check_resolver(text, expected, values(lenient));
    if (compiled && !lenient) {
      check_hurried(*compiled, expected);
    }
  }
  return 0;
}
