#include "bench/harness/fixed_addresses.h"

#include <sys/personality.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace headroom {
namespace {

constexpr unsigned long ask_only = 0xffffffff;

}  // namespace

bool has_fixed_addresses() {
  const int now = personality(ask_only);
  return now != -1 && (now & ADDR_NO_RANDOMIZE) != 0;
}

void fix_addresses(char** argv) {
  for (char** argument = argv; *argument != nullptr; ++argument) {
    const std::string_view text = *argument;
    if (text.starts_with("--run") || text.starts_with("--count")) {
      return;
    }
  }
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  const int before = personality(ask_only);
  if (failed || before == -1 || has_fixed_addresses()) {
    return;
  }
  if (personality(static_cast<unsigned long>(before) | ADDR_NO_RANDOMIZE) == -1 ||
      !has_fixed_addresses()) {
    return;
  }
  execv(program.c_str(), argv);
  (void)personality(static_cast<unsigned long>(before));
}

}  // namespace headroom
