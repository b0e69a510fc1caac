// Ctrl-C as a request.
#pragma once

namespace headroom {

/// Ctrl-C asks for a clean stop as long as this lives; the second one ends the program at once. One
/// at a time.
class stop_on_interrupt {
 public:
  stop_on_interrupt();
  ~stop_on_interrupt();
  stop_on_interrupt(const stop_on_interrupt&) = delete;
  stop_on_interrupt& operator=(const stop_on_interrupt&) = delete;

  /// Whether the present one, or the last, was asked. Thread-safe.
  [[nodiscard]] static bool requested();

 private:
  void (*before_)(int);
};

}  // namespace headroom
