// Manifests that nobody here wrote: every one must load, or be refused for a reason that its author
// can act on.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

std::vector<std::filesystem::path> manifests_below(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension().string();
    const bool is_manifest = extension == ".yaml" || extension == ".yml" || extension == ".json";
    if (is_manifest && entry.is_regular_file()) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

void expect_reason(const error& refusal, const std::filesystem::path& path) {
  EXPECT_FALSE(refusal.message.empty()) << path;
  EXPECT_TRUE(refusal.what().starts_with(path.string() + ':')) << refusal.what();
}

TEST(corpus, loads_or_says_why_not) {
  const char* const root = std::getenv("HEADROOM_CORPUS");  // NOLINT(concurrency-mt-unsafe)
  if (root == nullptr) {
    GTEST_SKIP() << "HEADROOM_CORPUS names no directory of manifests";
  }
  const std::vector<std::filesystem::path> paths = manifests_below(root);
  std::size_t loaded_files = 0;
  std::size_t definitions = 0;
  std::size_t tasks = 0;
  std::size_t unsound = 0;
  dag::builder builder;
  for (const std::filesystem::path& path : paths) {
    const result<manifest> loaded = load_manifest_file(path);
    if (!loaded) {
      expect_reason(loaded.error(), path);
      continue;
    }
    ++loaded_files;
    EXPECT_FALSE(loaded->definitions.empty()) << path;
    for (const error& each : loaded->skipped) {
      expect_reason(each, path);
    }
    for (const definition& each : loaded->definitions) {
      dag::graph graph;
      const result<void> built = validate(each, builder, graph);
      if (built) {
        EXPECT_EQ(graph.size(), each.tasks.size()) << path << ' ' << each.name;
      } else {
        expect_reason(built.error(), path);
        fmt::print("{}\n", built.error().what());
        ++unsound;
      }
      ++definitions;
      tasks += each.tasks.size();
    }
  }
  fmt::print("{} files: {} loaded, {} refused; {} definitions with {} tasks, {} unsound\n",
             paths.size(), loaded_files, paths.size() - loaded_files, definitions, tasks, unsound);
  EXPECT_FALSE(paths.empty()) << root;
}

}  // namespace
}  // namespace engine::workflow
