// What templates should give, written as simply as possible: the reference that tests compare with.
//
// Shares no code with the library. Knows texts whose placeholders are plain paths, which are names
// joined by dots, [0] and ['key'], or texts in quotes, without filters. Keeps no limits, copies
// much and recurses, so it is for small inputs. Doubles must have few digits. No state.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace engine::templating::naive {

/// Documents, by the path that each is set at.
using mounts = std::map<std::string, boost::json::value>;

struct step {
  enum class kind { name, key, index };
  kind what;
  std::string name;  ///< the digits of an index
};

/// Where the "}}" stands that closes a placeholder, from `from` on, the place behind its "{{"; npos
/// if it is not closed.
std::size_t closing_of(const std::string& text, std::size_t from);

/// The steps of a plain path, nothing if `inside` is none.
std::optional<std::vector<step>> steps_of(const std::string& inside);

/// The value of a path, null if there is none.
const boost::json::value* lookup(const std::vector<step>& path, const mounts& values);

std::string json_of(const boost::json::value& value);

/// A text as it is, anything else as JSON text.
std::string text_of(const boost::json::value& value);

/// Whether `text` is one placeholder and nothing else.
bool is_one_placeholder(const std::string& text);

/// `text` with its placeholders replaced; nothing if one is not known or has no value.
std::optional<std::string> render(const std::string& text, const mounts& values);

/// The same of all strings in `document` but the names of members.
std::optional<boost::json::value> render(const boost::json::value& document, const mounts& values);

}  // namespace engine::templating::naive
