#include "bench/harness/settings.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench/harness/row_filter.h"

namespace headroom {
namespace {

settings parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "bench_test");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(),
                            "Measures nothing.");
}

int refused_with(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const early_exit& exit) {
    return exit.status;
  }
  return -1;
}

TEST(settings, has_sensible_defaults) {
  const settings parsed = parse({});
  EXPECT_EQ(parsed.effort, effort::full);
  EXPECT_EQ(parsed.filter, ".");
  EXPECT_EQ(parsed.format, "console");
  EXPECT_FALSE(parsed.has_min_time);
  EXPECT_FALSE(parsed.repetitions.has_value());
}

TEST(settings, takes_our_options) {
  const settings parsed = parse({"--quick", "--corpus", "manifests", "--run", "build/engine",
                                 "--iterations", "12", "--list"});
  EXPECT_EQ(parsed.effort, effort::quick);
  EXPECT_EQ(parsed.corpus, "manifests");
  EXPECT_EQ(parsed.run_row, "build/engine");
  EXPECT_EQ(parsed.run_iterations, 12U);
  EXPECT_TRUE(parsed.list);
}

TEST(settings, takes_the_options_of_profilers) {
  const settings parsed =
      parse({"--run", "build/engine", "--seconds", "2.5", "--perf-control", "control,answer"});
  EXPECT_EQ(parsed.run_row, "build/engine");
  EXPECT_EQ(parsed.run_seconds, 2.5);
  EXPECT_EQ(parsed.perf_control, "control,answer");
  EXPECT_EQ(parse({"--run", "build/engine"}).run_seconds, 0);
}

TEST(settings, takes_the_flags_of_google_benchmark) {
  const settings parsed =
      parse({"--benchmark_filter=^build", "--benchmark_out=x.json", "--benchmark_out_format=csv",
             "--benchmark_repetitions=3", "--benchmark_min_time=0.5", "--benchmark_list_tests"});
  EXPECT_EQ(parsed.filter, "^build");
  EXPECT_EQ(parsed.out_path, "x.json");
  EXPECT_EQ(parsed.out_format, "csv");
  EXPECT_EQ(parsed.repetitions, 3);
  EXPECT_TRUE(parsed.has_min_time);
  EXPECT_TRUE(parsed.list);
  EXPECT_EQ(parsed.format, "none") << "with a file, only progress is printed";
  EXPECT_EQ(parse({"--benchmark_filter=all"}).filter, ".");
  EXPECT_EQ(parse({"--benchmark_out=x", "--benchmark_format=json"}).format, "json");
  EXPECT_FALSE(parse({"--benchmark_list_tests=false"}).list);
}

TEST(settings, refuses_what_it_does_not_understand) {
  const std::vector<std::vector<const char*>> rows = {
      {"--quik"},
      {"positional"},
      {"--iterations", "0"},
      {"--iterations", "many"},
      {"--quick", "--smoke"},
      {"--rounds", "0"},
      {"--iterations", "5"},
      {"--rounds", "many"},
      {"--seconds", "5"},
      {"--run", "x", "--seconds", "0"},
      {"--run", "x", "--seconds", "-1"},
      {"--run", "x", "--seconds", "nan"},
      {"--run", "x", "--seconds", "3601"},
      {"--run", "x", "--seconds", "long"},
      {"--run", "x", "--seconds", "1", "--iterations", "2"},
      {"--perf-control", "a,b"},
      {"--run", "x", "--perf-control", "a"},
      {"--run", "x", "--perf-control", ",a"},
      {"--run", "x", "--perf-control", "a,"},
      {"--run", "x", "--perf-control", "a,b,c"},
      {"--run", "x", "--perf-control", ""},
      {"--corpus"},
      {"--benchmark_format=xml"},
      {"--benchmark_out_format=console"},
      {"--benchmark_repetitions=0"},
      {"--benchmark_repetitions=3x"},
      {"--benchmark_repetitions="},
      {"--benchmark_repetitions=-1"}};
  for (const auto& row : rows) {
    EXPECT_EQ(refused_with(row), 2) << row.front();
  }
  EXPECT_EQ(refused_with({"--help"}), 0);
}

group group_of(std::uint64_t size, unsigned threads = 1) {
  return {"build", "chain/nodes:10", {"engine", "floor"}, threads, size, false, {}};
}

TEST(row_filter, shows_what_it_refuses) {
  settings chosen;
  chosen.filter = "(\x1B[2J";
  try {
    const row_filter made(chosen);
    FAIL() << "is taken";
  } catch (const std::runtime_error& refused) {
    EXPECT_NE(std::string(refused.what()).find(R"(the filter "(\x1b[2J" is not)"),
              std::string::npos)
        << refused.what();
  }
}

std::vector<std::size_t> select(const std::string& filter, const group& from,
                                effort spent = effort::full) {
  settings chosen;
  chosen.filter = filter;
  chosen.effort = spent;
  return row_filter(chosen).select(from);
}

TEST(row_filter, matches_anywhere_in_the_name) {
  EXPECT_EQ(select(".", group_of(10)).size(), 2U);
  EXPECT_EQ(select("build/engine", group_of(10)), (std::vector<std::size_t>{0}));
  EXPECT_EQ(select("^build/floor/chain/nodes:10$", group_of(10)), (std::vector<std::size_t>{1}));
  EXPECT_EQ(select("real_time/threads:4$", group_of(10, 4)).size(), 2U);
  EXPECT_EQ(select("-engine", group_of(10)), (std::vector<std::size_t>{1}));
  EXPECT_TRUE(select("^engine", group_of(10)).empty());
}

TEST(row_filter, leaves_out_what_is_too_large_for_the_effort) {
  EXPECT_TRUE(select(".", group_of(100'001), effort::smoke).empty());
  EXPECT_FALSE(select(".", group_of(100'000), effort::smoke).empty());
  EXPECT_TRUE(select(".", group_of(100'001), effort::quick).empty());
  EXPECT_FALSE(select(".", group_of(1'000'000)).empty());
}

TEST(row_filter, refuses_a_malformed_pattern) {
  for (const char* pattern : {"(", "[a", "*", "-("}) {
    EXPECT_THROW(select(pattern, group_of(10)), std::runtime_error) << pattern;
  }
}

}  // namespace
}  // namespace headroom
