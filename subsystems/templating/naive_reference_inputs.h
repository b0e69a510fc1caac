// Random documents and texts that are hard on templates, for tests.
//
// The same seed gives the same inputs everywhere. No state but that of the generator.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

#include "fixtures/random.h"
#include "subsystems/templating/naive_reference.h"

namespace engine::templating::naive {

/// Well-formed UTF-8 with quotes, braces, escapes, control characters and whole placeholders.
std::string random_string(fixtures::random& source);

/// Any kind of value, nested at most `depth_max` deep. Doubles have few digits.
boost::json::value random_value(fixtures::random& source, std::uint32_t depth_max);

/// Documents at paths of one or two names, which overlap.
mounts random_mounts(fixtures::random& source);

/// How often random_template() puts what into a text, in percent of its placeholders.
struct mixture {
  std::uint32_t broken;     ///< texts that are no placeholder
  std::uint32_t filtered;   ///< filters
  std::uint32_t constants;  ///< text in quotes
  std::uint32_t missing;    ///< paths without a value
};

/// A placeholder, most of them plain paths that lead somewhere.
std::string random_placeholder(fixtures::random& source, const mounts& values, const mixture& of);

/// A text with up to six placeholders.
std::string random_template(fixtures::random& source, const mounts& values, const mixture& of);

/// A document whose strings are random templates or one placeholder each.
boost::json::value random_document(fixtures::random& source, const mounts& values,
                                   const mixture& of, std::uint32_t depth_max);

}  // namespace engine::templating::naive
