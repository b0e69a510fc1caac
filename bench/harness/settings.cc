#include "bench/harness/settings.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {
namespace {

using engine::support::in_quotes;

constexpr std::string_view library_help = R"(
Google Benchmark's flags work as documented, among them:
  --benchmark_filter=REGEX         only rows that match (all but them with a leading '-')
  --benchmark_list_tests           same as --list
  --benchmark_out=FILE             write results there; nothing but progress is printed then
  --benchmark_out_format=json|csv
  --benchmark_format=console|json|csv
  --benchmark_repetitions=N        instead of a number chosen for each row
  --benchmark_min_time=SECONDS     a repetition, instead of a few ms
  --benchmark_enable_random_interleaving=false)";

[[noreturn]] void refuse(const std::string& message) {
  fmt::print(stderr, "error: {}\nTry --help.\n", message);
  throw early_exit{2};
}

std::string one_of(std::string_view flag, std::string value,
                   std::initializer_list<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    refuse(
        fmt::format("{}: {} is not one of {}", flag, in_quotes(value), fmt::join(allowed, ", ")));
  }
  return value;
}

bool truth_of(std::string_view value) { return value != "false" && value != "0" && value != "no"; }

// Takes what concerns us from a `--benchmark_…` flag and leaves the rest to the library.
void take_library_flag(const std::string& flag, settings& into, bool& format_given) {
  const std::size_t equals = flag.find('=');
  const std::string name = flag.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : flag.substr(equals + 1);
  if (name == "--benchmark_filter") {
    into.filter = value.empty() || value == "all" ? "." : value;
  } else if (name == "--benchmark_list_tests") {
    into.list = truth_of(value);
  } else if (name == "--benchmark_out") {
    into.out_path = value;
  } else if (name == "--benchmark_out_format") {
    into.out_format = one_of(name, value, {"json", "csv"});
  } else if (name == "--benchmark_format") {
    into.format = one_of(name, value, {"console", "json", "csv", "none"});
    format_given = true;
  } else if (name == "--benchmark_repetitions") {
    int count = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), count);
    if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size() || count < 1 ||
        count > 100'000) {
      refuse(fmt::format("{}: {} is not a number from 1 to 100,000", name, in_quotes(value)));
    }
    into.repetitions = count;
  } else {
    into.has_min_time |= name == "--benchmark_min_time";
    into.library_flags.push_back(flag);
  }
}

/// CLI::Range takes "nan" to be within it.
CLI::Validator number_within(double low, double high) {
  return CLI::Validator(
      [low, high](std::string& text) {
        double number = 0;
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, number);
        const bool sound = parsed.ec == std::errc{} && parsed.ptr == end;
        return sound && number >= low && number <= high
                   ? ""
                   : fmt::format("\"{}\" is not a number from {} to {}", text, low, high);
      },
      fmt::format("{} to {}", low, high));
}

void add_profile_options(CLI::App& app, settings& into, CLI::Option* run, CLI::Option* iterations) {
  app.add_option("--seconds", into.run_seconds, "how long, with --run (scripts/profile)")
      ->check(number_within(0.01, 3600))
      ->needs(run)
      ->excludes(iterations);
  app.add_option("--perf-control", into.perf_control,
                 "with --run: fifos of perf record --control=fifo:CTL,ACK, told when to record")
      ->check(CLI::Validator(
          [](std::string& fifos) {
            const std::size_t comma = fifos.find(',');
            const bool two = comma != 0 && comma < fifos.size() - 1 &&
                             fifos.find(',', comma + 1) == std::string::npos;
            return two ? "" : fmt::format("\"{}\" is not CTL,ACK", fifos);
          },
          "CTL,ACK"))
      ->needs(run);
}

CLI::Option* add_sample_options(CLI::App& app, sample_settings& into) {
  CLI::Option* const row =
      app.add_option("--sample", into.row,
                     "time one row in short chunks and print them as JSON (scripts/compare)");
  CLI::Option* const turns =
      app.add_option("--turns", into.turns_path,
                     "with --sample: take turns with another process that has the same file")
          ->needs(row);
  app.add_option("--side", into.side, "with --turns: 0 begins")
      ->check(CLI::Range(0, 1))
      ->needs(turns);
  app.add_option("--chunks", into.chunks, "with --sample: how many at most")
      ->check(CLI::Range(1, 100'000))
      ->needs(row);
  app.add_option("--burden", into.burden,
                 "with --sample: burn this share of the time beside every run")
      ->check(number_within(0, 10))
      ->needs(row);
  app.add_option("--chunk-us", into.chunk_us, "with --sample: how long each is about")
      ->check(number_within(1, 1e6))
      ->needs(row);
  return row;
}

struct efforts {
  bool quick = false;
  bool smoke = false;
};

void add_measuring_options(CLI::App& app, settings& into, efforts& chosen) {
  app.add_flag("--quick", chosen.quick, "fewer repetitions, no rows above 100,000 items");
  app.add_flag("--smoke", chosen.smoke,
               "every row up to 100,000 items once: do they run and answer rightly?")
      ->excludes("--quick");
  app.add_option("--rounds", into.rounds,
                 "go through everything this often, each time for a share of the repetitions, so "
                 "that a busy minute spoils no row (large inputs: less often)")
      ->check(CLI::Range(1, 100))
      ->take_last();
  app.add_flag("--list", into.list, "print the names of the rows and stop");
  app.add_flag("--describe", into.describe,
               "print context and rows as JSON (scripts/compare) and stop");
  app.add_option("--corpus", into.corpus,
                 "folder of workflow manifests to measure as well [HEADROOM_CORPUS]");
}

/// The modes that take one row. Refuses what does not go together when `app` has parsed.
void add_row_options(CLI::App& app, settings& into) {
  CLI::Option* const run = app.add_option(
      "--run", into.run_row, "run one row without timing it, for --iterations or --seconds");
  CLI::Option* const count =
      app.add_option("--count", into.count_row,
                     "count what one run of a row costs exactly, as JSON (scripts/compare)")
          ->excludes(run);
  CLI::Option* const iterations =
      app.add_option("--iterations", into.run_iterations, "how often, with --run or --count")
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  add_profile_options(app, into, run, iterations);
  add_sample_options(app, into.sample)->excludes(run)->excludes(count);
  app.parse_complete_callback([run, count, iterations] {
    if (*iterations && !*run && !*count) {
      refuse("--iterations needs --run or --count");
    }
  });
}

/// Takes the library's flags; returns the other arguments.
std::vector<std::string> take_library_flags(int argc, const char* const* argv, settings& into) {
  std::vector<std::string> others;
  bool format_given = false;
  for (int at = 1; at < argc; ++at) {
    const std::string argument = argv[at];
    if (argument.starts_with("--benchmark_")) {
      take_library_flag(argument, into, format_given);
    } else {
      others.push_back(argument);
    }
  }
  if (!into.out_path.empty() && !format_given) {
    into.format = "none";
  }
  return others;
}

}  // namespace

settings parse_command_line(int argc, const char* const* argv, std::string_view purpose) {
  settings parsed;
  parsed.program = argv[0];
  parsed.library_flags = {"--benchmark_enable_random_interleaving=true"};
  std::vector<std::string> ours = take_library_flags(argc, argv, parsed);
  if (const char* corpus = std::getenv("HEADROOM_CORPUS")) {  // NOLINT(concurrency-mt-unsafe)
    parsed.corpus = corpus;
  }

  efforts chosen;
  CLI::App app{std::string(purpose), std::filesystem::path(argv[0]).filename()};
  app.footer(std::string(library_help));
  add_measuring_options(app, parsed, chosen);
  add_row_options(app, parsed);
  std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back.
  try {
    app.parse(ours);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    throw early_exit{0};
  } catch (const CLI::ParseError& problem) {
    // With the argument in it, as CLI11 and our validators have it.
    refuse(engine::support::printable(problem.what(), engine::support::line_ends::kept));
  }
  parsed.effort = chosen.smoke ? effort::smoke : chosen.quick ? effort::quick : effort::full;
  return parsed;
}

}  // namespace headroom
