// A workflow as its author wrote it: plain data that owns all its text, so it outlives the manifest
// it was read from.
//
// Nothing here promises a sound task graph; that is for validate.h to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/workflow/position.h"

namespace engine::workflow {

/// A named input of a workflow.
struct parameter {
  std::string name;
  /// The default; without one a run must supply the value.
  std::optional<boost::json::value> value;
  position where;
};

struct task {
  std::string name;
  /// Names of the tasks that must end before this one starts, in the author's order.
  std::vector<std::string> depends_on;
  /// Which kind of work it is; empty if the author does not say.
  std::string type;
  /// The input of that work, null if none is given.
  boost::json::value with;
  /// How often a failed attempt is repeated.
  std::uint32_t retries = 0;
  /// How long one attempt may take; 0 means as long as it likes.
  std::chrono::milliseconds timeout{0};
  position where;
};

struct definition {
  std::string name;
  std::vector<parameter> parameters;
  std::vector<task> tasks;
  /// What the manifest is called in errors, and where in it the workflow begins.
  std::string source;
  position where;
};

}  // namespace engine::workflow
