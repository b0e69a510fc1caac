// The `depends` expression of an Argo task, such as "A && (B.Succeeded || !C.Failed)".
//
//   expression = operand { ("&&" | "||") operand }
//   operand    = { "!" } ( name [ "." status ] | "(" expression ")" )
//
// A name consists of [A-Za-z0-9_-]; a status is Succeeded, Failed, Errored, Skipped, Omitted,
// Daemoned, AnySucceeded or AllFailed. Thread-safe. Linear in the length of the text; memory for
// the names only, none for the nesting.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Parentheses inside parentheses that parse_depends() accepts.
inline constexpr std::size_t depends_depth_max = 100;

/// The names of the tasks that `expression` mentions, each once, in the order of first mention;
/// views of `expression`. Refuses with bad_expression; the error has no source, and its position
/// counts from the start of `expression`.
[[nodiscard]] result<std::vector<std::string_view>> parse_depends(std::string_view expression);

}  // namespace engine::workflow
