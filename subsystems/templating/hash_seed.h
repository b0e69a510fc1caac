// The seed of the hash tables by which contexts find paths and templates.
#pragma once

#include <cstdint>

namespace engine::templating {

/// Each process draws a seed of 64 bits before it hashes for the first time, so that nobody can
/// prepare names that collide without knowing it. Names that do collide are told apart all the
/// same, at a cost that is bounded for each; but what is remembered of them may be forgotten. This
/// gives the process a fixed seed instead, for measurements that must repeat to the instruction and
/// read no names of strangers. Returns false and changes nothing if there is one already: since
/// the first call, or since a context or a template was made. Thread-safe. Caches have a seed of
/// their own in their options.
bool fix_hash_seed(std::uint64_t seed);

}  // namespace engine::templating
