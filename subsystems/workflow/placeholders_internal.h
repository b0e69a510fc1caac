// The placeholders of a manifest, before anyone understands them: where each "{{" stands.
//
// The parser says where a scalar begins, but not how its text lies in the manifest; the two are
// matched by counting.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "subsystems/workflow/position.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

inline constexpr std::string_view opening_braces = "{{";
/// What may stand between the braces and what is inside.
inline constexpr std::string_view blanks = " \t\r\n";

/// How many "{{" there are in `text`, none overlapping another, from the left. O(text).
[[nodiscard]] std::size_t count_openings(std::string_view text);

/// Where each "{{" of a scalar stands that means `value`, is not a key, and begins at `offset` of
/// `manifest`, in line and column `where`. If escapes hide some of them, all get the scalar's own
/// place. O(the scalar's text).
[[nodiscard]] std::vector<position> opening_positions(std::string_view manifest, std::size_t offset,
                                                      position where, std::string_view value);

struct placeholder_survey {
  /// Of each "{{" of the scalars, in the order of the text, each alias as what it stands for.
  std::vector<position> where;
  /// At least as many as there are regular expressions in placeholders.
  std::size_t patterns = 0;
};

/// Of all scalars in `from`, but for keys. O(values and their text). Without recursion.
[[nodiscard]] placeholder_survey survey_placeholders(const node& from);

}  // namespace engine::workflow::internal
