// Which "{{" of an Argo manifest begin a placeholder, and which are text.
//
// Argo replaces what begins with one of a few words and leaves all else alone, so that an argument
// may hold a template of another tool. Templating knows no such text: there, each "{{" begins a
// placeholder. So the reader writes foreign ones as templating writes text, {{ '{{' }}, and what is
// rendered has them as their author wrote them.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/position.h"

namespace engine::workflow::internal {

/// What stands between the dots of a placeholder's path. O(path).
[[nodiscard]] std::vector<std::string_view> steps_of_path(std::string_view path);

/// Whether a "{{" that `rest` follows is Argo's: "item." and the like come next, "item" alone, or
/// "=" for an expression. O(1).
[[nodiscard]] bool is_argo_opening(std::string_view rest);

/// Makes the strings of `of` templates of templating: foreign openings become text, and
/// workflow.parameters.json, all parameters as JSON text, becomes a filter, unless a parameter is
/// called json; annotations and labels likewise. `openings` are the places of all "{{" in the
/// strings, in their order, before and afterwards. Warns, in the name of `subject`, of text that is
/// almost a placeholder of Argo's. Linear in the strings.
void adopt_argo_templates(boost::json::value& of, std::vector<position>& openings,
                          const shared_parameters& parameters, std::string_view subject,
                          load_context& load);

}  // namespace engine::workflow::internal
