// Texts of manifests that nobody here wrote: each renders as the reference says, or is refused
// where the reference refuses it too.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/naive_reference.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

void add_scalars(const YAML::Node& node, std::vector<std::string>& into) {
  if (node.IsScalar() && node.Scalar().find("{{") != std::string::npos) {
    into.push_back(node.Scalar());
  }
  if (node.IsSequence()) {
    for (const YAML::Node& each : node) {
      add_scalars(each, into);
    }
  }
  if (node.IsMap()) {
    for (const auto& each : node) {
      add_scalars(each.first, into);
      add_scalars(each.second, into);
    }
  }
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> texts_of(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> texts;
  for (const std::filesystem::path& file : files) {
    try {
      for (const YAML::Node& document : YAML::LoadAllFromFile(file.string())) {
        add_scalars(document, texts);
      }
    } catch (const YAML::Exception& problem) {
      fmt::print("{}: {}\n", file.string(), problem.what());
    }
  }
  return texts;
}

// The plain paths of a text, as far as it can be read.
std::vector<std::vector<naive::step>> paths_in(const std::string& text) {
  std::vector<std::vector<naive::step>> found;
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
    const std::size_t closing = naive::closing_of(text, at + 2);
    if (closing == std::string::npos) {
      break;
    }
    if (auto path = naive::steps_of(text.substr(at + 2, closing - at - 2))) {
      found.push_back(std::move(*path));
    }
    at = closing + 2;
  }
  return found;
}

// A flat document for each root: the steps behind it, joined by dots, are the key of a path's
// value, which says whose value it is. A root by itself is its document.
naive::mounts mounts_for(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> roots;  // by the path
  for (const std::string& text : texts) {
    for (const std::vector<naive::step>& path : paths_in(text)) {
      std::string joined = path.front().name;
      for (std::size_t step = 1; step < path.size(); ++step) {
        joined += "." + path[step].name;
      }
      roots[joined] = path.front().name;
    }
  }
  naive::mounts made;
  for (auto at = roots.begin(); at != roots.end(); ++at) {
    const auto& [path, root] = *at;
    const json::value value(json::string("<" + path + " \"{{\">"));
    json::value& document = made.try_emplace(root, json::object()).first->second;
    // As a key, "parameters" would hide "parameters.message": it is set by itself.
    const auto longer = roots.lower_bound(path + ".");
    if (longer != roots.end() && longer->first.starts_with(path + ".") && path != root) {
      made[path] = value;
    } else if (path != root) {
      document.as_object()[path.substr(root.size() + 1)] = value;
    }
  }
  return made;
}

struct tally {
  std::size_t rendered = 0;
  std::size_t expressions = 0;
  std::size_t placeholders = 0;
  std::map<std::string, std::size_t> refusals;
};

// The first placeholder that is no path is what a text is refused for.
bool begins_with_expression(const std::string& text) {
  const std::size_t at = text.find("{{=");
  return at != std::string::npos && naive::closing_of(text, at + 2) != std::string::npos &&
         naive::render(text.substr(0, at), {}).has_value();
}

void check(const std::string& text, const naive::mounts& mounts, context& values, tally& of) {
  const auto expected = naive::render(text, mounts);
  const auto compiled = compile(text);
  const auto made = compiled ? render(*compiled, values) : compiled.error();
  resolver resolving;
  const auto resolved = resolving.resolve(text, values);
  ASSERT_EQ(made.has_value(), expected.has_value())
      << text << ": " << (made ? "rendered" : made.error().what());
  ASSERT_EQ(resolved.has_value(), made.has_value()) << text;
  if (made) {
    EXPECT_EQ(*made, *expected) << text;
    EXPECT_EQ(*resolved, *expected) << text;
    ++of.rendered;
    of.placeholders += compiled->placeholder_count();
    return;
  }
  EXPECT_EQ(resolved.error().what(), made.error().what()) << text;
  if (begins_with_expression(text)) {
    EXPECT_EQ(made.error().code, errc::unsupported_expression) << text;
  }
  if (made.error().code == errc::unsupported_expression) {
    EXPECT_EQ(text.substr(made.error().where.offset, 3), "{{=") << text;
    ++of.expressions;
  } else {
    ++of.refusals[made.error().message];
  }
}

TEST(corpus, renders_as_the_reference_does) {
  const char* const root = std::getenv("HEADROOM_CORPUS");  // NOLINT(concurrency-mt-unsafe)
  if (root == nullptr) {
    GTEST_SKIP() << "HEADROOM_CORPUS names no directory of manifests";
  }
  const std::vector<std::filesystem::path> files = files_below(root);
  const std::vector<std::string> texts = texts_of(files);
  const naive::mounts mounts = mounts_for(texts);
  context values;
  for (const auto& [path, document] : mounts) {
    values.set(path, document);
  }
  tally counts;
  for (const std::string& text : texts) {
    check(text, mounts, values, counts);
  }
  fmt::print("{} files, {} texts: {} rendered with {} placeholders, {} refused for an expression\n",
             files.size(), texts.size(), counts.rendered, counts.placeholders, counts.expressions);
  for (const auto& [message, count] : counts.refusals) {
    fmt::print("{} refused: {}\n", count, message);
  }
  EXPECT_FALSE(texts.empty()) << root;
  if (files.size() >= 200) {  // So many that were written for Argo hold hundreds.
    EXPECT_GT(texts.size(), 400U) << root;
  }
  EXPECT_GT(counts.rendered, counts.expressions) << root;
}

}  // namespace
}  // namespace engine::templating
