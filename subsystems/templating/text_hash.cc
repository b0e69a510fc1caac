#include <random>

#include "subsystems/templating/hash_seed.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating {
namespace internal {

std::uint64_t drawn_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

}  // namespace internal

void fix_hash_seed(std::uint64_t seed) { internal::process_seed = seed; }

}  // namespace engine::templating
