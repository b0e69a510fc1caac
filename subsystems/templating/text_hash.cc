#include "subsystems/templating/text_hash_internal.h"

#define XXH_INLINE_ALL  // NOLINT(cppcoreguidelines-macro-usage): how the library is told so.
#include <xxhash.h>

namespace engine::templating::internal {

std::uint64_t text_hash(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace engine::templating::internal
