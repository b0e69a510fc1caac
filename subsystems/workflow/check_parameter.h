// Whether a parameter may have a value.
//
// Thread-safe: no shared state.
#pragma once

#include <boost/json/value.hpp>

#include "subsystems/templating/pattern.h"
#include "subsystems/workflow/definition.h"
#include "subsystems/workflow/error.h"

namespace engine::workflow {

/// Refuses with bad_value a `value` that the pattern of `of` matches no part of, if there is one,
/// and one that `budget`, which all values of a load or a start share, does not let the pattern
/// search. A value that is not text is matched as the text that a template makes of it: JSON. The
/// error names parameter, pattern and what is wrong; it has neither source nor place, as the value
/// need not come from a manifest. O(the text of `value`), and for a hostile pattern what
/// templating::limits lets one search take.
[[nodiscard]] result<void> check_parameter(const parameter& of, const boost::json::value& value,
                                           templating::pattern_budget& budget);

/// The same with a budget of its own.
[[nodiscard]] result<void> check_parameter(const parameter& of, const boost::json::value& value);

}  // namespace engine::workflow
