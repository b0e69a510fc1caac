// What is wrong with a text that yaml-cpp refuses, in an author's words and at the place of the
// cause: the quote that is not closed rather than the end of the text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "subsystems/workflow/position.h"

namespace engine::workflow::internal {

struct yaml_problem {
  position where;
  std::string message;
};

/// Of a refusal at `offset` of `text` with yaml-cpp's words. Words that are not known stay as they
/// are, so that a newer yaml-cpp can be used. O(text).
[[nodiscard]] yaml_problem explain_yaml(std::string_view text, std::size_t offset,
                                        std::string_view words);

/// The cause that the text alone shows, of a problem that was noticed at `offset`: a quote or a
/// bracket that is not closed, or what looks like a space and is none. O(text).
[[nodiscard]] std::optional<yaml_problem> find_cause(std::string_view text, std::size_t offset);

/// What looks like a space and is none, before or at the start of the text without quotes at
/// `offset`: the parser takes it for a letter. O(indentation).
[[nodiscard]] std::optional<yaml_problem> find_odd_space(std::string_view text, std::size_t offset);

[[nodiscard]] std::size_t offset_of(std::string_view text, position where);

}  // namespace engine::workflow::internal
