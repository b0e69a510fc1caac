// The seed of the hash tables by which contexts find paths and templates.
#pragma once

#include <cstdint>

namespace engine::templating {

/// Each process draws a seed when it starts, so that nobody can prepare names that collide. This
/// gives it a fixed one instead, for measurements that must repeat to the instruction and read no
/// names of strangers. Call it before anything of this library is made. Not thread-safe. Caches
/// have a seed of their own in their options.
void fix_hash_seed(std::uint64_t seed);

}  // namespace engine::templating
