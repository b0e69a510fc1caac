// Why a manifest or a workflow was refused, as a value that names the place and the offender.
#pragma once

#include <string>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include "subsystems/workflow/position.h"

namespace engine::workflow {

enum class errc {
  // Of the file.
  file_missing = 1,
  file_not_regular,
  file_unreadable,
  // Of the text.
  too_big,
  too_deep,
  too_many_nodes,
  too_many_documents,
  too_many_keys,
  bad_encoding,
  bad_syntax,
  unsupported_syntax,
  duplicate_key,
  // Of the manifest.
  not_a_workflow,
  no_tasks,
  unknown_key,
  missing_key,
  wrong_type,
  bad_value,
  conflicting_keys,
  bad_expression,
  too_many_tasks,
  too_many_dependencies,
  too_many_patterns,
  duplicate_name,
  unknown_name,
  // Of the workflow.
  bad_graph,
  bad_template,
  bad_reference,
};

/// The category "workflow" of every errc.
const boost::system::error_category& category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), category()};
}

struct error {
  errc code{};
  /// What the manifest is called: a path, or the name its reader gave it. Empty if none is meant.
  std::string source;
  /// Unknown for problems of the file itself.
  position where;
  /// A sentence with the offender's name; of several problems, one a line, each but the first with
  /// its place in front, as in "12:5: …". Input in it is shown as support/quote.h has it.
  std::string message;

  /// "file.yaml:12:5: task "b": …", the source shown likewise, but whole.
  [[nodiscard]] std::string what() const;
};

/// In Boost 1.81, error() returns a copy: keep it (`const error why = made.error();`) before
/// referring to what is in it, or the reference dangles.
template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() on a failure: throws boost::system::system_error with what().
[[noreturn]] void throw_exception_from_error(const error& refusal,
                                             const boost::source_location& where);

}  // namespace engine::workflow

template <>
struct boost::system::is_error_code_enum<engine::workflow::errc> : std::true_type {};
