// Whether a parameter may have a value.
//
// Thread-safe: no shared state.
#pragma once

#include <boost/json/value.hpp>

#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Refuses with bad_value a `value` that the pattern of `of` matches no part of, if there is one. A
/// value that is not text is matched as the text that a template makes of it: JSON. The error names
/// parameter, value and pattern; it has neither source nor place, as the value need not come from a
/// manifest. O(the text of `value`).
[[nodiscard]] result<void> check_parameter(const parameter& of, const boost::json::value& value);

}  // namespace engine::workflow
