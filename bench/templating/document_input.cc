#include "bench/templating/document_input.h"

#include <array>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace headroom::templating_bench {
namespace {

namespace json = boost::json;

struct named_value {
  std::string_view path;
  std::string_view value;
};

constexpr std::array<named_value, 5> known = {{
    {"inputs.parameters.repository", "registry.example.org/team/report"},
    {"inputs.parameters.tag", "v3.18.4"},
    {"tasks.fetch.outputs.result", "line one\nline \"two\"\\"},
    {"workflow.name", "nightly-report-x7k2p"},
    {"inputs.parameters.region", "eu-central-1"},
}};

// The document, with `write(number)` where a value stands.
template <class Write>
json::value make(std::uint32_t variables, const Write& write) {
  json::array environment;
  for (std::uint32_t at = 0; at < variables; ++at) {
    environment.push_back({{"name", fmt::format("VARIABLE_{}", at)},
                           {"value", fmt::format("prefix/{}/suffix", write(at % known.size()))}});
  }
  return {{"image", fmt::format("{}:{}", write(0), write(1))},
          {"command",
           {"sh", "-c",
            fmt::format("set -eu; ./report --input '{}' --region {} > /tmp/out.json", write(2),
                        write(4))}},
          {"env", environment},
          {"resources", {{"limits", {{"cpu", 2}, {"memory", "512Mi"}}}}},
          {"labels", {{"app", "report"}, {"workflow", fmt::format("run of {}", write(3))}}},
          {"retries", 3},
          {"ratio", 0.5},
          {"debug", false},
          {"node", nullptr}};
}

}  // namespace

document_input::document_input(std::uint32_t variables) {
  document_ = make(
      variables, [](std::size_t number) { return fmt::format("{{{{{}}}}}", known[number].path); });
  expected_ = make(variables, [](std::size_t number) { return known[number].value; });
  text_ = json::serialize(document_);
  output_ = json::serialize(expected_);
  for (const named_value& each : known) {
    put(values_, each.path, each.value);
    const std::string quoted = json::serialize(json::value(each.value));
    put(escaped_, each.path, std::string_view(quoted).substr(1, quoted.size() - 2));
  }
  escaped_values_ = flatten(escaped_);
}

std::string document_input::mismatch(const std::string& rendered) const {
  boost::system::error_code problem;
  const json::value parsed = json::parse(rendered, problem);
  if (problem) {
    return fmt::format("the result is no JSON: {}", problem.message());
  }
  return parsed == expected_ ? "" : "the result is another document";
}

}  // namespace headroom::templating_bench
