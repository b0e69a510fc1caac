#include "bench/harness/fixed_addresses.h"

#include <sys/personality.h>
#include <unistd.h>

namespace headroom {
namespace {

constexpr unsigned long ask_only = 0xffffffff;

}  // namespace

bool has_fixed_addresses() {
  const int now = personality(ask_only);
  return now != -1 && (now & ADDR_NO_RANDOMIZE) != 0;
}

void fix_addresses(char** argv) {
  const int before = personality(ask_only);
  if (before == -1 || has_fixed_addresses()) {
    return;
  }
  if (personality(static_cast<unsigned long>(before) | ADDR_NO_RANDOMIZE) == -1 ||
      !has_fixed_addresses()) {
    return;
  }
  execv("/proc/self/exe", argv);
  (void)personality(static_cast<unsigned long>(before));
}

}  // namespace headroom
