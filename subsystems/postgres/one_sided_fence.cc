#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cassert>

#include "subsystems/postgres/one_sided_fence_internal.h"

namespace engine::postgres::internal {

bool has_heavy_fence() {
  static const bool registered =
      syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  return registered;
}

void heavy_fence() {
  [[maybe_unused]] const long status =
      syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  assert(status == 0);
}

}  // namespace engine::postgres::internal
