#include "bench/templating/hostile_work.h"

#include <memory>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "fixtures/random.h"
#include "subsystems/dag/builder.h"
#include "subsystems/dag/graph.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/pattern.h"
#include "subsystems/templating/render.h"
#include "subsystems/workflow/check_parameter.h"
#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace headroom::templating_bench {
namespace {

namespace json = boost::json;
namespace templating = engine::templating;
namespace workflow = engine::workflow;

std::string repeated(std::string_view unit, std::size_t times) {
  std::string made;
  for (; times > 0; --times) {
    made += unit;
  }
  return made;
}

std::string message_of(templating::errc code) {
  return templating::make_error_code(code).message();
}

template <class Code>
std::string message_of(const boost::system::result<std::string, Code>& of) {
  return of ? *of : make_error_code(of.error().code).message();
}

// A template's text, filled in with `value` as v.
hostile_task filling(const std::string& text, const std::string& value, std::string answer,
                     templating::errc refusal) {
  const auto compiled = std::make_shared<templating::compiled_template>(
      templating::compile("{{ v | " + text + " }}").value());
  const auto held = std::make_shared<json::value>(json::string(value));
  return {[compiled, held] {
            templating::context values;
            values.set("v", *held);
            return message_of(templating::render(*compiled, values));
          },
          std::move(answer), message_of(refusal)};
}

constexpr std::string_view lookahead = "replace('a(?:.*z)?','a')";

hostile_task replace_lookahead(std::size_t bytes) {
  const std::string text(bytes, 'a');
  return filling(std::string(lookahead), text, text, templating::errc::pattern_too_slow);
}

hostile_task replace_lookahead_eight(std::size_t bytes) {
  const std::string text(bytes, 'a');
  std::string filters(lookahead);
  for (int number = 1; number < 8; ++number) {
    filters += fmt::format(" | {}", lookahead);
  }
  return filling(filters, text, text, templating::errc::pattern_too_slow);
}

hostile_task replace_output(std::size_t bytes) {
  return filling("replace('^.*$','" + repeated("\\0", 8'000) + "')", std::string(bytes, 'a'), {},
                 templating::errc::output_too_big);
}

hostile_task replace_empty_groups(std::size_t bytes) {
  const std::string text(bytes, 'a');
  return filling("replace('()','" + repeated("\\1", 8'000) + "')", text, text,
                 templating::errc::pattern_too_slow);
}

hostile_task match_without_dfa(std::size_t bytes) {
  return filling("match('(a?b?){900}(c|$)')", std::string(bytes, 'a'), "true",
                 templating::errc::pattern_too_slow);
}

// RE2 leaves its DFA in this as well, but the limit is far away.
hostile_task match_many_states(std::size_t bytes) {
  engine::fixtures::random drawn(1);
  std::string text;
  while (text.size() < bytes) {
    text += drawn.below(2) == 0 ? 'a' : 'b';
  }
  return filling("match('a[ab]{30}c')", text, "false", templating::errc::pattern_too_slow);
}

hostile_task json_escapes(std::size_t bytes) {
  return filling("json | length", std::string(bytes, '\1'), fmt::format("{}", 6 * bytes + 2),
                 templating::errc::output_too_big);
}

constexpr templating::limits unbounded = {.template_bytes_max = std::size_t{1} << 30U,
                                          .placeholders_max = ~std::uint32_t{0}};

hostile_task compiling(json::value document, std::size_t placeholders) {
  const auto held = std::make_shared<json::value>(std::move(document));
  return {[held]() -> std::string {
            const auto compiled = templating::compile_document(*held, unbounded);
            return compiled ? fmt::format("{} placeholders", compiled->placeholder_count())
                            : message_of(compiled.error().code);
          },
          fmt::format("{} placeholders", placeholders),
          {}};
}

// Which all name the same, as looking that up is not what is measured.
json::value placeholders(std::size_t count) { return json::array(count, json::value("{{name}}")); }

hostile_task document_long_key(std::size_t bytes) {
  const std::size_t count = bytes / 20;
  return compiling(json::object{{std::string(bytes / 2, 'k'), placeholders(count)}}, count);
}

hostile_task document_deep_keys(std::size_t bytes) {
  const std::size_t count = bytes / 20;
  json::value made = placeholders(count);
  for (int level = 0; level < 50; ++level) {
    made = json::object{{std::string(bytes / 100, 'k'), std::move(made)}};
  }
  return compiling(std::move(made), count);
}

// 900 bytes each, of classes that take long.
hostile_task compile_patterns(std::size_t bytes) {
  const std::string pattern = "((a{1,9}){1,9}){1,9}" + repeated("(\\\\pL|\\\\PL)", 80);
  auto text = std::make_shared<std::string>();
  std::size_t count = 0;
  for (; text->size() < bytes; ++count) {
    *text += fmt::format("{{{{ v | match('{}{}') }}}}", pattern, count);
  }
  return {[text]() -> std::string {
            const auto compiled = templating::compile(*text);
            return compiled ? fmt::format("{} placeholders", compiled->placeholder_count())
                            : message_of(compiled.error().code);
          },
          fmt::format("{} placeholders", count), message_of(templating::errc::pattern_too_slow)};
}

hostile_task parameter_without_dfa(std::size_t bytes) {
  const auto checked = std::make_shared<workflow::parameter>();
  checked->name = "p";
  checked->pattern = templating::pattern::compile("(a?b?){900}(c|$)").value();
  const auto value = std::make_shared<json::value>(json::string(bytes, 'a'));
  return {[checked, value]() -> std::string {
            const auto outcome = workflow::check_parameter(*checked, *value);
            return outcome ? "fine" : make_error_code(outcome.error().code).message();
          },
          "fine", workflow::make_error_code(workflow::errc::bad_value).message()};
}

hostile_task references_distinct(std::size_t bytes) {
  std::string text;
  std::size_t count = 0;
  for (; text.size() < bytes; ++count) {
    text += fmt::format("{{{{ x{:06} }}}}", count);
  }
  const auto compiled =
      std::make_shared<templating::compiled_template>(templating::compile(text, unbounded).value());
  return {[compiled] { return fmt::format("{} paths", templating::references(*compiled).size()); },
          fmt::format("{} paths", count),
          {}};
}

hostile_task manifest_keys(std::size_t bytes) {
  auto text = std::make_shared<std::string>(
      "{apiVersion: orchestration.headroom.dev/v1alpha1, kind: Workflow, metadata: {name: w}, "
      "spec: {tasks: [{name: a, with: {");
  for (std::size_t key = 0; text->size() < bytes; ++key) {
    *text += fmt::format("key-{:06}: 1, ", key);
  }
  *text += "last: 1}}]}}";
  return {[text]() -> std::string {
            const auto loaded = workflow::load_manifest(*text, "hostile");
            return loaded ? "loaded" : make_error_code(loaded.error().code).message();
          },
          "loaded", workflow::make_error_code(workflow::errc::too_many_keys).message()};
}

constexpr std::string_view argo_head =
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n";

hostile_task manifest_openings(std::size_t bytes) {
  const auto text = std::make_shared<std::string>(
      fmt::format("{}  templates:\n  - {{name: m, steps: [{{name: a, template: x}}]}}\n"
                  "  - {{name: x, script: {{source: '{}}}}}'}}}}\n",
                  argo_head, repeated("{{ab", bytes / 4)));
  return {[text]() -> std::string {
            const auto loaded = workflow::load_manifest(*text, "hostile");
            return loaded ? "loaded" : make_error_code(loaded.error().code).message();
          },
          "loaded",
          {}};
}

// Many small graphs, each with a parameter of the workflow misspelt.
hostile_task manifest_guesses(std::size_t bytes) {
  std::string text = fmt::format("{}  arguments:\n    parameters:\n", argo_head);
  for (std::size_t number = 0; number < bytes / 80; ++number) {
    text += fmt::format("    - name: parameter-{:y>20}\n", number);
  }
  text += "  templates:\n  - {name: x, script: {}}\n";
  for (std::size_t number = 0; text.size() < bytes; ++number) {
    text += fmt::format(
        "  - {{name: m{}, steps: [{{name: a, template: x, arguments: "
        "['{{{{workflow.parameters.parametre-{:z>20}}}}}']}}]}}\n",
        number, number);
  }
  const auto loaded =
      std::make_shared<workflow::manifest>(workflow::load_manifest(text, "hostile").value());
  return {[loaded] {
            std::size_t refused = 0;
            engine::dag::builder builder;
            engine::dag::graph graph;
            for (const workflow::definition& each : loaded->definitions) {
              refused += workflow::validate(each, builder, graph).has_value() ? 0U : 1U;
            }
            return fmt::format("{} refused", refused);
          },
          fmt::format("{} refused", loaded->definitions.size()),
          {}};
}

// The filter replace takes 64 KiB at most.
constexpr hostile_work works[] = {
    {"replace_lookahead", 6'000, replace_lookahead},
    {"replace_lookahead_eight", 6'000, replace_lookahead_eight},
    {"replace_output", 6'000, replace_output},
    {"replace_empty_groups", 6'000, replace_empty_groups},
    {"match_without_dfa", 10'000, match_without_dfa},
    {"match_many_states", 100'000, match_many_states},
    {"json_escapes", 1'000'000, json_escapes},
    {"document_long_key", 100'000, document_long_key},
    {"document_deep_keys", 100'000, document_deep_keys},
    {"compile_patterns", 6'000, compile_patterns},
    {"parameter_without_dfa", 10'000, parameter_without_dfa},
    {"references_distinct", 1'000'000, references_distinct},
    {"manifest_keys", 10'000, manifest_keys},
    {"manifest_openings", 100'000, manifest_openings},
    {"manifest_guesses", 100'000, manifest_guesses},
};

}  // namespace

std::span<const hostile_work> hostile_works() { return works; }

}  // namespace headroom::templating_bench
