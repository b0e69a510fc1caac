// Definitions as large as the limits allow: a check is done soon whatever the text.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/references.h"
#include "subsystems/workflow/validate.h"

namespace engine::workflow {
namespace {

constexpr std::uint32_t tasks = 10'000;

#if defined(NDEBUG)
constexpr std::chrono::seconds time_max{5};
#else
constexpr std::chrono::seconds time_max{60};
#endif

// Validates, and expects it to take no more than time_max.
std::string refusal_of(const definition& checked) {
  dag::builder builder;
  dag::graph graph;
  const auto start = std::chrono::steady_clock::now();
  const result<void> built = validate(checked, builder, graph);
  EXPECT_LT(std::chrono::steady_clock::now() - start, time_max);
  return built ? "" : built.error().what();
}

definition with_tasks(std::uint32_t count) {
  definition made;
  made.name = "w";
  made.source = "t";
  made.tasks.resize(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    made.tasks[id].name = fmt::format("task-{}", id);
  }
  return made;
}

// Each task depends on the one before it, and refers to the first and to a random earlier one.
definition chain(fixtures::random& random) {
  definition made = with_tasks(tasks);
  for (std::uint32_t id = 1; id < tasks; ++id) {
    made.tasks[id].depends_on = {made.tasks[id - 1].name};
    made.tasks[id].with = {
        {"text", fmt::format("{{{{tasks.task-0.x}}}} {{{{tasks.task-{}.x}}}}", random.below(id))}};
  }
  return made;
}

TEST(references_large, of_a_chain_are_checked_in_batches) {
  fixtures::random random(1);
  definition made = chain(random);
  EXPECT_EQ(refusal_of(made), "");
  made.tasks[tasks / 2].depends_on.clear();
  made.tasks[tasks / 2].with = nullptr;
  made.tasks[tasks / 2 + 1].with = "{{tasks.task-0}}";
  EXPECT_TRUE(refusal_of(made).starts_with(
      "t: workflow \"w\": task \"task-5001\": {{tasks.task-0}}: task \"task-0\" is not upstream of "
      "\"task-5001\"\n"));
}

TEST(references_large, of_a_dense_graph_are_checked_in_batches) {
  fixtures::random random(2);
  definition made = with_tasks(tasks);
  for (std::uint32_t id = 1; id < tasks; ++id) {
    for (std::uint32_t back = 1; back <= std::min(id, 10U); ++back) {
      made.tasks[id].depends_on.push_back(made.tasks[id - back].name);
    }
    std::string text;
    for (int reference = 0; reference < 10; ++reference) {
      text += fmt::format("{{{{tasks.task-{}.x}}}}", random.below(id));
    }
    made.tasks[id].with = boost::json::value(text);
  }
  EXPECT_EQ(refusal_of(made), "");
}

TEST(references_large, of_one_task_with_every_other_as_dependency_are_looked_up_at_once) {
  definition made = with_tasks(tasks);
  std::string text;
  for (std::uint32_t id = 1; id < tasks; ++id) {
    made.tasks[0].depends_on.push_back(made.tasks[id].name);
    for (int times = 0; times < 8; ++times) {
      text += fmt::format("{{{{tasks.task-{}.x}}}}", id);
    }
  }
  made.tasks[0].with = boost::json::value(text);
  EXPECT_EQ(refusal_of(made), "");
}

TEST(references_large, that_are_all_wrong_end_the_search_early) {
  definition made = with_tasks(tasks);
  const std::string unknown(64, 'x');
  for (std::uint32_t id = 0; id < tasks; ++id) {
    made.tasks[id].name = fmt::format("{:y>64}", id);
    made.tasks[id].with = boost::json::value(fmt::format("{{{{tasks.{}.x}}}}", unknown));
  }
  EXPECT_TRUE(refusal_of(made).ends_with("\nand more"));
}

// Two megabytes of what hurts a scanner.
TEST(references_large, are_found_in_hostile_texts_soon) {
  constexpr std::size_t bytes = std::size_t{2} << 20U;
  for (const std::string_view unit :
       {"{", "{{", "{{}}", "{{a}}", "{{'", "{{a.b", "}}{{", "{{ tasks.task-0 }}", "{{item}}"}) {
    definition made = with_tasks(2);
    made.tasks[1].depends_on = {"task-0"};
    std::string text;
    while (text.size() < bytes) {
      text += unit;
    }
    made.tasks[1].with = boost::json::value(text);
    const bool is_sound = unit == "{" ? false : unit == "{{ tasks.task-0 }}" || unit == "{{item}}";
    EXPECT_EQ(refusal_of(made).empty(), is_sound) << unit;
  }
}

TEST(references_large, of_many_templates_share_the_parameters_of_their_workflow) {
  std::string text =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  arguments:\n    parameters:\n";
  for (int at = 0; at < 20'000; ++at) {
    text += fmt::format("    - name: p{}\n", at);
  }
  text += "  templates:\n  - {name: x, script: {}}\n";
  constexpr int templates = 5'000;
  for (int at = 0; at < templates; ++at) {
    text += fmt::format(
        "  - {{name: m{}, steps: [{{name: a, template: x, arguments: "
        "['{{{{workflow.parameters.p{}}}}}']}}]}}\n",
        at, at * 4 + (at % 100 == 0 ? 20'000 : 0));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto loaded = load_manifest(text, "t");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  ASSERT_EQ(loaded->definitions.size(), templates);
  int refused = 0;
  for (const definition& each : loaded->definitions) {
    refused += refusal_of(each).empty() ? 0 : 1;
  }
  EXPECT_EQ(refused, templates / 100);
  EXPECT_LT(std::chrono::steady_clock::now() - start, time_max);
}

// Each definition has few guesses, however many parameters there are to guess from.
TEST(references_large, of_many_templates_that_are_wrong_end_soon) {
  std::string text =
      "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  arguments:\n    parameters:\n";
  for (int at = 0; at < 15'000; ++at) {
    text += fmt::format("    - name: parameter-{:y>20}\n", at);
  }
  text += "  templates:\n  - {name: x, script: {}}\n";
  for (int at = 0; at < 3'000; ++at) {
    text += fmt::format(
        "  - {{name: m{}, steps: [{{name: a, template: x, arguments: "
        "['{{{{workflow.parameters.parametre-{:z>20}}}}}']}}]}}\n",
        at, at);
  }
  const auto loaded = load_manifest(text, "t");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  const auto start = std::chrono::steady_clock::now();
  for (const definition& each : loaded->definitions) {
    EXPECT_FALSE(refusal_of(each).empty());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, time_max);
}

TEST(references_large, of_argo_are_found_soon_in_texts_full_of_openings) {
  for (const std::string_view unit : {"{{a", "{{tasks.", "{{item.", "{{=", "{{ "}) {
    std::string hostile;
    while (hostile.size() < 1'000'000) {
      hostile += unit;
    }
    const std::string text = fmt::format(
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n"
        "  - {{name: x, script: {{source: '{0}}}}}'}}}}\n  - {{name: m, steps: [{{name: a, "
        "template: x, arguments: {{parameters: [{{name: p, value: '{0}}}}}'}}]}}}}]}}\n",
        hostile);
    const auto start = std::chrono::steady_clock::now();
    (void)load_manifest(text, "t", {.bytes_max = text.size(), .nodes_max = 1'000'000});
    EXPECT_LT(std::chrono::steady_clock::now() - start, time_max) << unit;
  }
}

// Regular expressions that take long to compile, as many as are allowed.
TEST(references_large, patterns_of_parameters_are_compiled_as_long_as_there_is_time) {
  std::string pattern = "((a{1,9}){1,9}){1,9}";
  while (pattern.size() < 990) {
    pattern += "(\\pL|\\PL)";
  }
  std::string text =
      "apiVersion: orchestration.headroom.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
      "spec:\n  tasks: [{name: a, type: t}]\n  parameters:\n";
  for (int at = 0; at < 200; ++at) {
    text += fmt::format("  - {{name: p{}, pattern: '{}'}}\n", at, pattern);
  }
  const auto start = std::chrono::steady_clock::now();
  const auto loaded = load_manifest(text, "t");
  EXPECT_LT(std::chrono::steady_clock::now() - start, time_max);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("regular expressions may take 250 ms together"),
            std::string::npos)
      << loaded.error().what();
}

}  // namespace
}  // namespace engine::workflow
