// Tree values as JSON.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// What a scalar without quotes means by YAML's core schema: true, a whole number, a number, or its
/// text. Nothing for numbers that JSON cannot hold.
[[nodiscard]] std::optional<boost::json::value> plain_value(std::string_view text);

/// A copy of `from`, its aliases replaced. Refuses numbers that JSON cannot hold. Recursion is as
/// deep as the tree, whose depth limits::depth_max bounds.
[[nodiscard]] boost::json::value to_json(const node& from, load_context& load);

}  // namespace engine::workflow::internal
