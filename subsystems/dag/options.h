// The limits that every operation of engine::dag keeps.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engine::dag {

struct options {
  /// More tasks than this are refused with too_many_nodes. At most 2^31 - 1.
  std::uint32_t nodes_max = 4'000'000;
  /// More dependencies in all than this are refused with too_many_edges. At most 2^32 - 2.
  std::uint32_t edges_max = 64'000'000;
  /// Longer task names than this (bytes) are refused with name_too_long.
  std::uint32_t name_bytes_max = 255;
  /// 0: names are hashed with keys drawn from the system's random numbers for each builder, so that
  /// nobody can prepare names that collide (builder.h has the bound). Any other value gives the
  /// same keys each time, for runs that must repeat to the instruction and read no names of
  /// strangers.
  std::uint64_t hash_seed = 0;
  /// Problems reported for one refused graph.
  std::uint32_t problems_max = 16;
};

}  // namespace engine::dag
