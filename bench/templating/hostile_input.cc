#include "bench/templating/hostile_input.h"

namespace headroom::templating_bench {
namespace {

// What a regular expression that looks for braces without braces between would leave.
std::string filled(std::string_view text, const flat_values& values) {
  std::string output;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at).starts_with("{{")) {
      const std::size_t brace = text.find_first_of("{}", at + 2);
      if (brace != std::string_view::npos && text.substr(brace).starts_with("}}")) {
        const auto found = values.find(text.substr(at + 2, brace - at - 2));
        if (found != values.end()) {
          output += found->second;
          at = brace + 2;
          continue;
        }
      }
    }
    output += text[at++];
  }
  return output;
}

}  // namespace

hostile_input::hostile_input(const hostile_pattern& pattern, std::size_t bytes)
    : refusal_(pattern.refusal), text_(pattern.begin) {
  while (text_.size() + pattern.end.size() < bytes) {
    text_ += pattern.repeated;
  }
  text_ += pattern.end;
  document_ = {{"name", "value"}};
  values_ = flatten(document_);
  output_ = filled(text_, values_);
}

std::string hostile_input::mismatch(const outcome& answer) const {
  if (answer.refusal) {
    return answer.refusal == refusal_ ? "" : "it was refused for another reason, or should not be";
  }
  return difference(answer.output, output_);
}

}  // namespace headroom::templating_bench
