#include "bench/harness/context.h"

#include <sys/utsname.h>

#include <fstream>

#include <fmt/format.h>

#include "bench/harness/allocation.h"
#include "bench/harness/fixed_addresses.h"
#include "headroom_commit.h"

namespace headroom {
namespace {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

std::string kernel_release() {
  utsname names{};
  return uname(&names) == 0 ? fmt::format("{} {}", names.sysname, names.release) : "unknown";
}

std::string allocator() {
  if (!allocation_meter::available()) {
    return "malloc of the C library";
  }
  const std::string version = allocation_meter::allocator_name();
  return fmt::format("jemalloc {}", version.substr(0, version.find('-')));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_context() {
  return {{"commit", commit_hash},
          {"dirty", commit_is_dirty ? "true" : "false"},
          {"compiler", HEADROOM_COMPILER},
          {"flags", HEADROOM_FLAGS},
          {"cpu", cpu_model()},
          {"kernel", kernel_release()},
          {"allocator", allocator()},
          {"addresses", has_fixed_addresses() ? "fixed" : "randomised"},
          {"library",
           "Google Benchmark as Debian builds it: its library_build_type says debug because NDEBUG "
           "was not "
           "set, which costs nothing inside the timed loop"}};
}

}  // namespace headroom
