// How much a piece of code allocates, read from jemalloc's own statistics.
//
// Available in binaries that link jemalloc; elsewhere (the _malloc twins) available() is false.
// Reading flushes the calling thread's cache and costs some 20 µs: never inside a timed body.
// Counts this process, all threads.
#pragma once

#include <cstdint>

namespace headroom {

struct allocation_figures {
  /// jemalloc looks at a thread's peak only so often: that many bytes may be missing.
  static constexpr std::uint64_t peak_granularity = 65'536;

  std::uint64_t requests = 0;  ///< calls that obtained memory
  std::uint64_t bytes = 0;     ///< that they obtained, by size class
  std::uint64_t peak_bytes =
      0;  ///< most that the calling thread held at a time beyond what it held at the start
};

class allocation_meter {
 public:
  [[nodiscard]] static bool available();
  /// "jemalloc 5.3.0", or "malloc".
  [[nodiscard]] static const char* allocator_name();

  /// Starts to measure.
  allocation_meter();
  /// Since the start. All zero if not available().
  [[nodiscard]] allocation_figures read() const;

 private:
  allocation_figures start_;
};

}  // namespace headroom
