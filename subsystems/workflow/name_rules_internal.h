// What names beside each other in a manifest must keep.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/position.h"

namespace engine::workflow::internal {

struct named_place {
  std::string_view name;
  position where;
};

/// Refuses, with duplicate_name, each name that one before it has, too; empty ones count as none.
/// `subject` and `noun` say what they are names of, as in `template "m"` and "input".
/// O(names * log(names)).
void refuse_duplicate_names(std::span<const named_place> names, std::string_view subject,
                            std::string_view noun, load_context& load);

/// A name with "x" for each placeholder, as a name that is made of such may be once they are filled
/// in. O(name).
[[nodiscard]] std::string filled_in(std::string_view name);

/// What Argo takes for a name: of templates, tasks and steps up to 128 letters, digits and "-", of
/// which the first is no "-"; of parameters and artifacts any number of these and "_".
enum class argo_name { of_work, of_value };

/// Says what is wrong with a name; empty if nothing is. O(name).
[[nodiscard]] std::string_view problem_of_name(std::string_view name, argo_name kind);

}  // namespace engine::workflow::internal
