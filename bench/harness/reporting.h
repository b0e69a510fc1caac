// Where measured runs go: Google Benchmark's own reporters, fed group by group.
#pragma once

#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/harness/settings.h"

namespace headroom {

/// The label of a run that Ctrl-C cut short; neither it nor the summary of its row is reported.
inline constexpr const char* interrupted_label = "interrupted";

/// Collects the runs of every group and passes them on, with the names that stay stable: without
/// the iterations and repetitions that we chose. Not thread-safe.
class reporting final : public benchmark::BenchmarkReporter {
 public:
  /// Throws std::runtime_error if the file cannot be written.
  explicit reporting(const settings& chosen);

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  /// Reports that a row, named with its suffixes, is not to be believed though it was timed.
  void fail(const std::string& row, const std::string& problem);
  /// Of one group: nothing, since more may follow.
  void Finalize() override {}
  /// Of all: completes the files. Throws std::runtime_error if not all could be written.
  void close();

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::ofstream file_;
  std::string path_;
  std::set<std::string> interrupted_;  // names of rows
  std::vector<std::unique_ptr<benchmark::BenchmarkReporter>> targets_;
  bool context_reported_ = false;
  bool failed_ = false;
};

}  // namespace headroom
