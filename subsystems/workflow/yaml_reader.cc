
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "subsystems/support/quote.h"
#include "subsystems/workflow/surrogates_internal.h"
#include "subsystems/workflow/text_check_internal.h"
#include "subsystems/workflow/tree_builder_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

namespace engine::workflow::internal {
namespace {

using support::excerpt;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// yaml-cpp itself gives up at 500, with a message that names no cause.
constexpr std::uint32_t parser_depth_max = 400;

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

// The text as the parser can take it. It overlooks a quote or a line that the end of the text cuts
// short, but not one that an explicit end of document does.
std::string prepared(std::string_view text) {
  std::string ready = looks_like_json(text) ? join_surrogates(text) : std::string(text);
  ready += text.ends_with('\n') ? "...\n" : "\n...\n";
  return ready;
}

}  // namespace

forest read_yaml(std::string_view text, load_context& load) {
  while (text.starts_with(byte_order_mark)) {  // The parser skips one too, and counts without it.
    text.remove_prefix(byte_order_mark.size());
  }
  check_text(text, load);
  if (load.refused()) {
    return {};
  }
  limits bounds = load.bounds();
  bounds.depth_max = std::min(bounds.depth_max, parser_depth_max);
  const std::string ready = prepared(text);
  forest read;
  tree_builder builder(ready, bounds, read);
  try {
    std::istringstream input(ready);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const tree_builder::refusal& refusal) {
    load.refuse(refusal.code, refusal.where, refusal.message);
  } catch (const YAML::Exception& problem) {
    load.refuse(errc::bad_syntax, position_of(problem.mark), excerpt(problem.msg));
  }
  if (load.refused()) {
    return {};
  }
  return read;
}

}  // namespace engine::workflow::internal
