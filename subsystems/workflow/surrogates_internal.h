// The one escape of JSON that YAML does not have.
#pragma once

#include <string>
#include <string_view>

namespace engine::workflow::internal {

/// `json`, in which each character beyond U+FFFF that is escaped as a surrogate pair
/// ("\ud83d\ude00") is escaped as YAML knows it ("\U0001F600"). Lone surrogates stay, for the
/// parser to refuse.
[[nodiscard]] std::string join_surrogates(std::string_view json);

}  // namespace engine::workflow::internal
