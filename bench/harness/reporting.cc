#include "bench/harness/reporting.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {
namespace {

using run = benchmark::BenchmarkReporter::Run;

std::unique_ptr<benchmark::BenchmarkReporter> make_file_reporter(const std::string& format) {
  if (format == "csv") {
    // Deprecated by the library, documented all the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return std::make_unique<benchmark::CSVReporter>();
#pragma GCC diagnostic pop
  }
  return std::make_unique<benchmark::JSONReporter>();
}

bool wants_color() {
  const char* refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  return isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

// Prints the median of each row, and failures, and no context: the library's warns of a debug build
// that it is not.
class median_console final : public benchmark::ConsoleReporter {
 public:
  median_console() : ConsoleReporter(wants_color() ? OO_ColorTabular : OO_Tabular) {}

  bool ReportContext(const Context& context) override {
    std::ostringstream unread;
    std::ostream& errors = GetErrorStream();
    SetErrorStream(&unread);
    const bool reported = ConsoleReporter::ReportContext(context);
    SetErrorStream(&errors);
    return reported;
  }

  void ReportRuns(const std::vector<run>& runs) override {
    std::vector<run> shown;
    for (const run& each : runs) {
      if (each.error_occurred || each.repetitions == 1 || each.aggregate_name == "median") {
        shown.push_back(each);
      }
    }
    ConsoleReporter::ReportRuns(shown);
  }
};

}  // namespace

reporting::reporting(const settings& chosen) {
  if (chosen.format == "console") {
    targets_.push_back(std::make_unique<median_console>());
  } else if (chosen.format != "none") {
    targets_.push_back(make_file_reporter(chosen.format));
  }
  if (!chosen.out_path.empty()) {
    path_ = chosen.out_path;
    file_.open(path_);
    if (!file_) {
      throw std::runtime_error(fmt::format("cannot write {}: {}",
                                           engine::support::printable(chosen.out_path),
                                           std::generic_category().message(errno)));
    }
    targets_.push_back(make_file_reporter(chosen.out_format));
    targets_.back()->SetOutputStream(&file_);
  }
}

bool reporting::ReportContext(const Context& context) {
  if (!context_reported_) {
    context_reported_ = true;
    for (const auto& target : targets_) {
      target->ReportContext(context);
    }
  }
  return true;
}

void reporting::ReportRuns(const std::vector<Run>& runs) {
  std::vector<Run> kept;
  kept.reserve(runs.size());
  for (const Run& each : runs) {
    if (each.report_label == interrupted_label) {
      interrupted_.insert(each.run_name.str());
    }
  }
  for (const Run& each : runs) {
    // A summary comes after its runs.
    if (each.report_label == interrupted_label ||
        (each.run_type == Run::RT_Aggregate && interrupted_.contains(each.run_name.str()))) {
      continue;
    }
    failed_ |= each.error_occurred;
    kept.push_back(each);
    kept.back().run_name.iterations.clear();
    kept.back().run_name.repetitions.clear();
  }
  if (!kept.empty()) {
    for (const auto& target : targets_) {
      target->ReportRuns(kept);
    }
  }
}

void reporting::fail(const std::string& row, const std::string& problem) {
  Run failed;
  failed.run_name.function_name = row;
  failed.family_index = 0;
  failed.per_family_instance_index = 0;
  failed.repetition_index = 0;
  failed.repetitions = 1;
  failed.statistics = nullptr;
  failed.error_occurred = true;
  failed.error_message = problem;
  ReportRuns({failed});
}

void reporting::close() {
  if (context_reported_) {
    for (const auto& target : targets_) {
      target->Finalize();
    }
  }
  if (!std::cout.flush()) {
    throw std::runtime_error("cannot write all of the results to standard output");
  }
  if (file_.is_open() && !file_.flush()) {
    throw std::runtime_error(fmt::format("cannot write all of {}: {}",
                                         engine::support::printable(path_),
                                         std::generic_category().message(errno)));
  }
}

}  // namespace headroom
