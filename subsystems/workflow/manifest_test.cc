#include "subsystems/workflow/manifest.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

constexpr std::string_view own_workflow =
    "apiVersion: orchestration.headroom.dev/v1alpha1\n"
    "kind: Workflow\n"
    "metadata: {name: w}\n"
    "spec: {tasks: [{name: a, type: t}]}\n";
constexpr std::string_view argo_workflow =
    "apiVersion: argoproj.io/v1alpha1\n"
    "kind: Workflow\n"
    "metadata: {name: g}\n"
    "spec: {templates: [{name: m, steps: [{name: b, template: x}]}, {name: x, script: {}}]}\n";
constexpr std::string_view config_map = "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n";
constexpr std::string_view without_tasks =
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: g}\n";

TEST(manifest, holds_the_definitions_of_all_its_documents) {
  const auto loaded =
      load_manifest(fmt::format("{}---\n{}---\n{}---\n---\n{}---\n{}", config_map, own_workflow,
                                argo_workflow, without_tasks, own_workflow),
                    "t");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  ASSERT_EQ(loaded->definitions.size(), 3U);
  EXPECT_EQ(loaded->definitions[0].name, "w");
  EXPECT_EQ(loaded->definitions[1].name, "g/m");
  EXPECT_EQ(loaded->definitions[2].name, "w");
  ASSERT_EQ(loaded->skipped.size(), 2U);
  EXPECT_EQ(loaded->skipped[0].what(), "t:1:1: kind ConfigMap is not a workflow");
  EXPECT_EQ(loaded->skipped[1].what(),
            "t:16:1: workflow \"g\": no template with tasks: it has no templates");
}

TEST(manifest, refuses_texts_without_a_definition) {
  struct row {
    std::string text;
    errc code;
    std::string error;
  };
  const row rows[] = {
      {"", errc::not_a_workflow, "t: the text holds no document"},
      {"# a comment\n", errc::not_a_workflow, "t: the text holds no document"},
      {"---\n---\n", errc::not_a_workflow, "t: the text holds no document"},
      {"- a\n", errc::not_a_workflow, "t:1:1: the document is no map: not a workflow"},
      {"a\n", errc::not_a_workflow, "t:1:1: the document is no map: not a workflow"},
      {"{}", errc::not_a_workflow, "t:1:1: a document without kind is not a workflow"},
      {"tasks: []\n", errc::not_a_workflow, "t:1:1: a document without kind is not a workflow"},
      {"apiVersion: v1\nkind: ResourceQuota\n", errc::not_a_workflow,
       "t:1:1: kind ResourceQuota is not a workflow"},
      {"apiVersion: argoproj.io/v1alpha1\nkind: WorkflowEventBinding\n", errc::not_a_workflow,
       "t:1:1: kind WorkflowEventBinding is not a workflow"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Worker\n", errc::not_a_workflow,
       "t:1:1: kind Worker is not a workflow"},
      {"kind: Workflow\n", errc::not_a_workflow,
       "t:1:1: kind Workflow without apiVersion is not known"},
      {"apiVersion: v1\nkind: Workflow\n", errc::not_a_workflow,
       "t:1:1: apiVersion \"v1\" of kind Workflow is not known"},
      {"apiVersion: argoproj.io/v1alpha\nkind: Workflow\n", errc::not_a_workflow,
       "t:1:1: apiVersion \"argoproj.io/v1alpha\" of kind Workflow is not known; did you mean "
       "\"argoproj.io/v1alpha1\"?"},
      {"apiVersion: orchestration.headroom.dev/v1alpha1\nkind: CronWorkflow\n",
       errc::not_a_workflow,
       "t:1:1: apiVersion \"orchestration.headroom.dev/v1alpha1\" of kind CronWorkflow is not "
       "known"},
      {"kind: [a]\n", errc::wrong_type, "t:1:7: document: kind must be a single value, not a list"},
      {"kind: 1\n", errc::wrong_type, "t:1:7: document: kind must be text; write it as \"1\""},
      {fmt::format("{}---\n{}", config_map, without_tasks), errc::no_tasks,
       "t:5:1: workflow \"g\": no template with tasks: it has no templates"},
      {fmt::format("{}---\nkind: Secret\n", config_map), errc::not_a_workflow,
       "t:1:1: kind ConfigMap is not a workflow"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest(each.text, "t");
    ASSERT_FALSE(loaded.has_value()) << each.text;
    EXPECT_EQ(loaded.error().code, each.code) << each.text;
    EXPECT_EQ(loaded.error().what(), each.error) << each.text;
  }
}

TEST(manifest, is_refused_whole_for_one_bad_document) {
  const auto loaded =
      load_manifest(fmt::format("{}---\n{}extra: 1\n", argo_workflow, own_workflow), "t");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().what(), "t:10:1: workflow \"w\": unknown key \"extra\"");
}

TEST(manifest, keeps_each_limit_to_the_unit) {
  const std::string two_tasks =
      "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
      "spec: {tasks: [{name: a, type: t}, {name: b, type: t, dependsOn: [a, x]}]}\n";
  const std::string steps =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n"
      "spec: {templates: [{name: m, steps: [[{name: a, template: x}, {name: b, template: x}],\n"
      "  [{name: c, template: x}, {name: d, template: x}]]}, {name: x, script: {}}]}\n";
  const std::string dag =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n"
      "spec: {templates: [{name: m, dag: {tasks: [{name: a, template: x, depends: b && c}]}},\n"
      "  {name: x, script: {}}]}\n";
  struct row {
    std::string text;
    limits full;
    limits beyond;
    std::string error;
  };
  const row rows[] = {
      {two_tasks, {.tasks_max = 2}, {.tasks_max = 1}, "t:4:36: more than 1 tasks"},
      {two_tasks,
       {.dependencies_max = 2},
       {.dependencies_max = 1},
       "t:4:36: more than 1 dependencies"},
      {steps, {.tasks_max = 4}, {.tasks_max = 3}, "t:4:28: more than 3 tasks"},
      {steps, {.dependencies_max = 4}, {.dependencies_max = 3}, "t:4:28: more than 3 dependencies"},
      {dag, {.dependencies_max = 2}, {.dependencies_max = 1}, "t:3:44: more than 1 dependencies"},
      {steps + "---\n" + steps, {.tasks_max = 8}, {.tasks_max = 7}, "t:9:28: more than 7 tasks"},
      {std::string(own_workflow),
       {.name_bytes_max = 1},
       {.name_bytes_max = 0},
       "t:3:18: workflow: metadata: name \"w\" is longer than 0 bytes\n"
       "4:23: tasks[0]: name \"a\" is longer than 0 bytes"},
      {std::string(own_workflow),
       {.bytes_max = own_workflow.size()},
       {.bytes_max = own_workflow.size() - 1},
       fmt::format("t: {} bytes are more than the limit of {}", own_workflow.size(),
                   own_workflow.size() - 1)},
  };
  for (const row& each : rows) {
    const auto full = load_manifest(each.text, "t", each.full);
    EXPECT_TRUE(full.has_value()) << each.error << ": " << full.error().what();
    const auto beyond = load_manifest(each.text, "t", each.beyond);
    ASSERT_FALSE(beyond.has_value()) << each.error;
    EXPECT_EQ(beyond.error().what(), each.error);
  }
}

TEST(manifest, bears_steps_that_ask_for_the_square_of_their_number) {
  std::string text =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{name: m, steps: [";
  for (int group = 0; group < 2; ++group) {
    text += '[';
    for (int step = 0; step < 2'000; ++step) {
      text += fmt::format("{{name: s-{}-{}, template: x}},", group, step);
    }
    text += "],";
  }
  const auto loaded = load_manifest(text + "]}]}\n", "t");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, errc::too_many_dependencies) << loaded.error().what();
}

class manifest_file : public testing::Test {
 protected:
  manifest_file() {
    std::string pattern = testing::TempDir() + "/manifest-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), pattern);
    }
    directory = pattern;
  }
  ~manifest_file() override { std::filesystem::remove_all(directory); }

  [[nodiscard]] std::filesystem::path write(std::string_view text) const {
    std::filesystem::path path = directory / "w.yaml";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path directory;
};

TEST_F(manifest_file, is_read_whole_and_named_by_its_path) {
  const std::filesystem::path path = write(own_workflow);
  const auto loaded = load_manifest_file(path);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  EXPECT_EQ(loaded->definitions.at(0).source, path.string());

  const auto refused = load_manifest_file(write("a: ]"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().what().starts_with(path.string() + ":1:")) << refused.error().what();
}

TEST_F(manifest_file, is_refused_with_the_systems_reason) {
  const std::filesystem::path missing = directory / "missing.yaml";
  const std::filesystem::path below_file = write(own_workflow) / "x";
  const std::filesystem::path pipe = directory / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::filesystem::path loop = directory / "loop";
  std::filesystem::create_symlink(loop, loop);
  struct row {
    std::filesystem::path path;
    errc code;
    std::string message;
  };
  const row rows[] = {
      {missing, errc::file_missing, "the file does not exist"},
      {below_file, errc::file_missing, "the file does not exist"},
      {"", errc::file_missing, "the file does not exist"},
      {directory, errc::file_not_regular, "not a regular file"},
      {pipe, errc::file_not_regular, "not a regular file"},
      {"/dev/zero", errc::file_not_regular, "not a regular file"},
      {loop, errc::file_unreadable, "Too many levels of symbolic links"},
  };
  for (const row& each : rows) {
    const auto loaded = load_manifest_file(each.path);
    ASSERT_FALSE(loaded.has_value()) << each.path;
    EXPECT_EQ(loaded.error().code, each.code) << each.path;
    const std::string place = each.path.empty() ? "" : each.path.string() + ": ";
    EXPECT_EQ(loaded.error().what(), place + each.message);
  }
}

TEST_F(manifest_file, is_refused_when_it_may_not_be_read) {
  const std::filesystem::path path = write(own_workflow);
  std::filesystem::permissions(path, std::filesystem::perms::none);
  if (std::ifstream(path).is_open()) {
    GTEST_SKIP() << "this user may read every file";
  }
  const auto loaded = load_manifest_file(path);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, errc::file_unreadable);
  EXPECT_EQ(loaded.error().message, "Permission denied");
}

TEST_F(manifest_file, is_refused_unread_when_it_is_too_big) {
  const std::filesystem::path path = write("");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40U);
  const auto loaded = load_manifest_file(path);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, errc::too_big);
}

// Wherever an author's text can get into a message.
TEST(error, shows_nothing_that_a_terminal_obeys_or_an_eye_misses) {
  const std::string head =
      "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: "
      "w}\nspec: ";
  const std::string argo_tasks =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{name: m, dag: "
      "{tasks: ";
  const std::string places[] = {
      head + "{tasks: [{name: a, dependsOn: [\"@\"]}]}",
      head + "{tasks: [{name: \"@\", dependsOn: [b]}]}",
      head + "{tasks: [{name: \"@\", dependsOn: [\"@\"]}]}",
      head + "{tasks: [{name: \"@\"}, {name: \"@\"}]}",
      head + "{tasks: [{name: \"@ b\", dependsOn: [a]}, {name: a, dependsOn: [\"@ b\"]}]}",
      head + "{tasks: [{name: a, \"@\": b}]}",
      head + "{tasks: [{name: a, timeout: \"@\"}]}",
      head + "{tasks: [{name: a, with: \"{{tasks['@']}}\"}]}",
      head + "{tasks: [{name: a, with: \"{{a.@}}\"}]}",
      head + "{parameters: [{name: \"@\", value: b, pattern: ^a}]}",
      head + "{parameters: [{name: a, value: \"@\", pattern: ^a}]}",
      head + "{parameters: [{name: a, value: b, pattern: \"(@\"}]}",
      argo_tasks + "[{name: a, template: b, depends: \"@\"}]}}]}",
      "kind: \"@\"",
      "kind: Workflow\napiVersion: \"@\"",
      "a: !@ b",
      "{\"@\": 1, \"@\": 2}",
      "a: \"\\@\"",
  };
  for (const std::string_view hidden :
       {"\u009B", "\u0085", "\u00A0", "\u00AD", "\u061C", "\u200B", "\u200F", "\u2028", "\u202E",
        "\u2066", "\u3000", "\uFE0F", "\uFEFF", "\U000E0041"}) {
    for (const std::string& place : places) {
      std::string text = place;
      for (std::size_t at = 0; (at = text.find('@', at)) != std::string::npos;) {
        text.replace(at, 1, hidden);
      }
      const auto loaded = load_manifest(text, fmt::format("{}\x1B.yaml", hidden));
      dag::builder builder;
      dag::graph graph;
      const result<void> checked = loaded ? validate(loaded->definitions.front(), builder, graph)
                                          : result<void>(loaded.error());
      ASSERT_FALSE(checked.has_value()) << text;
      const std::string shown = checked.error().what();
      for (std::string_view rest = shown; !rest.empty();) {
        const std::string_view character = rest.substr(0, support::character_bytes(rest));
        if (character != "\n") {  // Between problems.
          ASSERT_EQ(support::excerpt(character), character) << text << ": " << shown;
        }
        rest.remove_prefix(character.size());
      }
    }
  }
}

TEST(error, is_thrown_by_value_with_its_code_and_text) {
  try {
    static_cast<void>(load_manifest("a: ]", "file.yaml").value());
    FAIL() << "nothing was thrown";
  } catch (const boost::system::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::bad_syntax);
    EXPECT_STREQ(thrown.code().category().name(), "workflow");
    EXPECT_NE(std::string(thrown.what()).find("file.yaml:1:"), std::string::npos) << thrown.what();
  }
}

TEST(error, has_a_text_for_every_code) {
  for (int code = 1; code <= static_cast<int>(errc::bad_reference); ++code) {
    EXPECT_NE(category().message(code), "unknown error") << code;
  }
  EXPECT_EQ(category().message(0), "unknown error");
  EXPECT_EQ(category().message(static_cast<int>(errc::bad_reference) + 1), "unknown error");
}

}  // namespace
}  // namespace engine::workflow
