#include <random>

#include "subsystems/templating/hash_seed.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating {
namespace {

// Whoever comes first settles it. `fixed`: null to draw it. Returns whether that was this call.
bool settle(const std::uint64_t* fixed) {
  bool is_first = false;
  static const bool is_settled = [&] {
    internal::process_seed = fixed != nullptr ? *fixed : internal::drawn_seed();
    return is_first = true;
  }();
  return is_settled && is_first;
}

}  // namespace

namespace internal {

std::uint64_t drawn_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

void settle_seed() { settle(nullptr); }

}  // namespace internal

bool fix_hash_seed(std::uint64_t seed) { return settle(&seed); }

}  // namespace engine::templating
