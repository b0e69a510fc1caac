// The command line of a benchmark binary: our options, and Google Benchmark's flags as it documents
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

enum class effort { full, quick, smoke };

/// How one row is sampled.
struct sample_settings {
  std::string row = {};  ///< empty: not at all
  /// File of a `turns` that two processes share, and which of them this is; empty: no partner.
  std::string turns_path = {};
  unsigned side = 0;
  std::uint32_t chunks = 300;
  double chunk_us = 150;
  /// Make the body slower by this share, to see whether that is found.
  double burden = 0;
};

struct settings {
  /// The executable, as it was called.
  std::string program = "benchmark";
  headroom::effort effort = effort::full;
  /// Times that everything is gone through, each with its share of the repetitions.
  int rounds = 1;
  bool list = false;
  /// Print what the binary is made of, as JSON.
  bool describe = false;
  /// Regular expression (ECMAScript) over row names; with a leading '-' those that do not match.
  std::string filter = ".";
  /// Folder of workflow manifests; empty for none.
  std::string corpus;
  /// Run one row a fixed number of times and report nothing, for callgrind and profilers.
  std::string run_row;
  std::uint64_t run_iterations = 1;
  /// Instead, how long to run it; 0: as often as that. What was run is reported then.
  double run_seconds = 0;
  /// The fifos of the perf that records it, as "CTL,ACK"; empty: none does.
  std::string perf_control;
  /// Count what one run costs, run_iterations and twice as many times differenced.
  std::string count_row;
  /// Time one row in short chunks and print what they took, for the comparison of two builds.
  sample_settings sample;
  std::string out_path;
  std::string out_format = "json";
  /// What goes to standard output: console, json, csv or none.
  std::string format = "console";
  /// Given by the user, so not chosen for each group.
  bool has_min_time = false;
  std::optional<int> repetitions;
  /// Passed on to the library.
  std::vector<std::string> library_flags;
};

/// What ends the program before anything is measured: --help (status 0) or a usage error (status
/// 2), already printed.
struct early_exit {
  int status;
};

/// Throws early_exit. `purpose` is the first sentence of --help.
settings parse_command_line(int argc, const char* const* argv, std::string_view purpose);

}  // namespace headroom
