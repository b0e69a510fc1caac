// Any bytes as a manifest: they load and validate, or are refused with a printable reason; nothing
// else may happen.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/quote_internal.h"
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
                                     .dependencies_max = 300};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_reason(const workflow::error& refusal) {
  require(!refusal.message.empty());
  require(workflow::internal::is_utf8(refusal.what()));
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
  for (const workflow::definition& each : loaded->definitions) {
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
