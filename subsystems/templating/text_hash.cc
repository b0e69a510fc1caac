#include <random>

#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::internal {

std::uint64_t drawn_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

}  // namespace engine::templating::internal
