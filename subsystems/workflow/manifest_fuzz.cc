// Any bytes as a manifest: they load and validate, or are refused with a printable reason; nothing
// else may happen.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/json_strings_internal.h"
#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/placeholders_internal.h"
#include "subsystems/workflow/validate.h"

namespace {

namespace workflow = engine::workflow;

// Small enough for short inputs to reach.
constexpr workflow::limits bounds = {.bytes_max = 16'384,
                                     .depth_max = 24,
                                     .nodes_max = 1'000,
                                     .documents_max = 20,
                                     .name_bytes_max = 64,
                                     .tasks_max = 100,
                                     .dependencies_max = 300,
                                     .patterns_max = 10,
                                     .problems_max = 4};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Lines of well-formed text, with nothing in them that a terminal obeys or an eye misses.
void require_reason(const workflow::error& refusal) {
  require(!refusal.message.empty());
  const std::string what = refusal.what();
  for (std::string_view rest = what; !rest.empty();) {
    const std::string_view character = rest.substr(0, engine::support::character_bytes(rest));
    require(!character.empty());
    require(character == "\n" || engine::support::excerpt(character) == character);
    rest.remove_prefix(character.size());
  }
}

// A line ends with a line feed, a carriage return or both.
void skip_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  require(end != std::string_view::npos);
  text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
}

std::string_view text_at(std::string_view text, workflow::position where) {
  for (; where.line > 1; --where.line) {
    skip_line(text);
  }
  while (text.starts_with("\xEF\xBB\xBF")) {  // Columns do not count byte order marks.
    text.remove_prefix(3);
  }
  return text.substr(where.column - 1);
}

// Each "{{" has a place, and it is the right one where nothing escapes.
void require_places(const workflow::task& of, std::string_view text_of_manifest) {
  workflow::internal::json_strings strings(of.with);
  std::size_t openings = 0;
  for (std::string_view text; strings.next(text);) {
    openings += workflow::internal::count_openings(text);
  }
  require(of.placeholders.size() == openings);
  if (text_of_manifest.find('\\') == std::string_view::npos) {
    for (const workflow::position& each : of.placeholders) {
      require(text_at(text_of_manifest, each).starts_with("{{"));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = workflow::load_manifest(text, "fuzz", bounds);
  if (!loaded) {
    require_reason(loaded.error());
    return 0;
  }
  require(!loaded->definitions.empty());
  require(loaded->warnings.size() <= bounds.problems_max);
  for (const workflow::error& each : loaded->warnings) {
    require_reason(each);
  }
  for (const workflow::definition& each : loaded->definitions) {
    for (const workflow::task& task : each.tasks) {
      require_places(task, text);
    }
    engine::dag::builder builder;
    engine::dag::graph graph;
    const auto built = workflow::validate(each, builder, graph);
    if (!built) {
      require_reason(built.error());
    } else {
      require(graph.size() == each.tasks.size());
    }
  }
  return 0;
}
