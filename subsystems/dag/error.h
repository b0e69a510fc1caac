// What can be wrong with a task graph, as values.
//
// A refused graph reports every problem found, up to options::problems_max, each naming its
// offenders, so that an author mends a definition in one go. Misuse of a built graph or a run is a
// plain error_code of the same category.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace engine::dag {

/// A task's dense id: its position in the input of build(), or what dynamic_graph::add_task()
/// returned.
using node_id = std::uint32_t;

enum class errc {
  // Of a graph that is built.
  empty_name = 1,
  name_too_long,
  duplicate_task,
  unknown_dependency,
  self_dependency,
  duplicate_dependency,
  cycle,
  too_many_nodes,
  too_many_edges,
  names_alike,
  // Of the use of a graph or a run.
  unknown_node,
  unknown_edge,
  wrong_state,
  wrong_size,
  bad_duration,
};

/// The category "dag" of every errc.
const boost::system::error_category& category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), category()};
}

/// One thing wrong with a graph.
struct problem {
  errc code{};
  /// The tasks concerned: the offender first; for duplicate_task the first task of that name
  /// second; for dependency problems the dependency second, if it exists; for a cycle the whole
  /// path, each task a dependency of the next and the last of the first.
  std::vector<node_id> tasks;
  /// A sentence with the offenders' names, e.g. "cycle: a -> b -> a (each is a
  /// dependency of the next)". Names in it are shown as support/quote.h has it.
  std::string message;
};

/// Why a graph was refused.
struct error {
  /// Never empty; in order of the tasks concerned.
  std::vector<problem> problems;
  /// There were more than options::problems_max.
  bool truncated = false;

  /// The code of the first problem.
  [[nodiscard]] errc code() const { return problems.front().code; }
  /// All sentences, one a line.
  [[nodiscard]] std::string message() const;
};

/// Of operations on tasks known by id.
template <class T>
using result = boost::system::result<T>;

/// Of operations that check a whole graph.
/// In Boost 1.81, error() returns a copy: keep it (`const error why = made.error();`) before
/// referring to what is in it, or the reference dangles.
template <class T>
using checked = boost::system::result<T, error>;

/// Called by checked<T>::value() on a failure: throws boost::system::system_error with message().
[[noreturn]] void throw_exception_from_error(const error& refusal,
                                             const boost::source_location& where);

}  // namespace engine::dag

template <>
struct boost::system::is_error_code_enum<engine::dag::errc> : std::true_type {};
