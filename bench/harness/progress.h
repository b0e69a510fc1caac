// A progress line with the time left: rewritten in place on a terminal, a line every ten seconds
// elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace headroom {

class progress {
 public:
  /// `planned_seconds` is the sum of what finish_step() will be told.
  explicit progress(double planned_seconds, std::FILE* to = stderr);
  /// Removes the line.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Shows what is being measured.
  void show(std::string_view what);
  /// A step that was planned to take so long is over, however long it took.
  void finish_step(double planned_seconds);

 private:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] std::string time_left() const;

  std::FILE* to_;
  bool terminal_;
  double planned_;
  double finished_ = 0;
  clock::time_point start_ = clock::now();
  clock::time_point shown_{};
};

}  // namespace headroom
