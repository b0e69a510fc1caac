
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "subsystems/workflow/parser_text_internal.h"
#include "subsystems/workflow/text_check_internal.h"
#include "subsystems/workflow/tree_builder_internal.h"
#include "subsystems/workflow/yaml_problem_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

namespace engine::workflow::internal {
namespace {

// yaml-cpp itself gives up at 500, with a message that names no cause.
constexpr std::uint32_t parser_depth_max = 400;

// Throws tree_builder::refusal, at the place of the cause.
void parse(const std::string& text, const limits& bounds, forest& out) {
  tree_builder builder(text, bounds, out);
  try {
    std::istringstream input(text);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const tree_builder::refusal& refusal) {
    const std::optional<yaml_problem> cause =
        refusal.is_guess ? find_cause(text, offset_of(text, refusal.where)) : std::nullopt;
    if (!cause) {
      throw;
    }
    throw tree_builder::refusal{errc::bad_syntax, cause->where, cause->message};
  } catch (const YAML::Exception& problem) {
    const yaml_problem found = explain_yaml(
        text, std::min(static_cast<std::size_t>(problem.mark.pos), text.size()), problem.msg);
    throw tree_builder::refusal{errc::bad_syntax, found.where, found.message};
  }
}

void restore_places(forest& read, const parser_text& source) {
  if (source.same_places()) {
    return;
  }
  for (node& each : read.nodes) {
    each.where = source.original(each.where);
    for (position& placeholder : each.placeholders) {
      placeholder = source.original(placeholder);
    }
    for (member& field : each.members) {
      field.where = source.original(field.where);
    }
  }
}

// What is refused, at the author's place; nothing if `out` is all that `source` holds.
std::optional<tree_builder::refusal> read(const parser_text& source, const limits& bounds,
                                          forest& out) {
  if (source.stray_directive().line != 0) {
    return tree_builder::refusal{
        errc::bad_syntax, source.stray_directive(),
        "a text cannot begin with \"%\" without quotes; a directive needs \"---\" behind it"};
  }
  try {
    parse(source.text(), bounds, out);
  } catch (tree_builder::refusal& refusal) {
    refusal.where = source.original(refusal.where);
    return std::move(refusal);
  }
  restore_places(out, source);
  return std::nullopt;
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
  forest made;
  const std::optional<tree_builder::refusal> refusal = read(parser_text(text), bounds, made);
  if (!refusal) {
    return made;
  }
  if (refusal->code == errc::bad_syntax && text.find('?') != std::string_view::npos) {
    forest again;
    if (!read(parser_text(text, parser_text::question_marks::between_quotes), bounds, again)) {
      return again;
    }
  }
  load.refuse(refusal->code, refusal->where, refusal->message);
  return {};
}

}  // namespace engine::workflow::internal
