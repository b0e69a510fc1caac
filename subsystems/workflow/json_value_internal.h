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

/// What becomes of numbers: values are made into text in places, and 1e3 is no name for 1000.0.
enum class numbers {
  /// JSON's, but a whole number beyond 64 bits, which none holds, is its text.
  meant,
  /// The text of those that would not be written again as their author did.
  written,
};

/// A copy of `from`, its aliases replaced. Refuses numbers that JSON cannot hold, and maps of more
/// than keys_max keys: Boost.JSON's objects have a hash without a key, so that somebody can prepare
/// names that take the square of their number. Recursion is as deep as the tree, whose depth
/// limits::depth_max bounds.
[[nodiscard]] boost::json::value to_json(const node& from, load_context& load,
                                         numbers style = numbers::meant);

}  // namespace engine::workflow::internal
