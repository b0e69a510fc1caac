// Any bytes as a depends expression: the names found are distinct parts of the text.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "subsystems/support/utf8.h"
#include "subsystems/workflow/depends_expression.h"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool lies_in(std::string_view part, std::string_view text) {
  return !part.empty() && part.data() >= text.data() &&
         part.data() + part.size() <= text.data() + text.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto names = engine::workflow::parse_depends(text);
  if (!names) {
    require(!names.error().message.empty());
    require(engine::support::is_utf8(names.error().message));
    return 0;
  }
  require(!names->empty());
  require(std::is_sorted(names->begin(), names->end(),
                         [](auto left, auto right) { return left.data() < right.data(); }));
  for (const std::string_view name : *names) {
    require(lies_in(name, text));
    require(std::count(names->begin(), names->end(), name) == 1);
  }
  return 0;
}
