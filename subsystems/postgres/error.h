// Why a call on the store failed, as a value that names the offender.
#pragma once

#include <string>
#include <utility>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace engine::postgres {

enum class errc {
  // Of the pool.
  pool_timeout = 1,
  too_many_waiters,
  pool_closed,
  cancelled,
  // Of a connection.
  connect_failed,
  too_many_connections,
  connection_lost,
  // Of what was asked.
  bad_input,
  bad_cursor,
  not_found,
  duplicate,
  rejected,
  query_failed,
  // Of the batch writer.
  queue_full,
  write_timeout,
  writer_closed,
  // Of the schema.
  migration_failed,
  schema_too_new,
};

/// The category "postgres" of every errc.
const boost::system::error_category& category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), category()};
}

struct error {
  errc code{};
  /// A sentence with the offender, and what the server said, if it said something.
  std::string message;

  [[nodiscard]] const std::string& what() const& { return message; }
  /// Of what result<T>::error() returned: a copy that lasts.
  [[nodiscard]] std::string what() && { return std::move(message); }
};

/// In Boost 1.81, error() returns a copy: keep it (`const error why = made.error();`) before
/// referring to what is in it, or the reference dangles.
template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() on a failure: throws boost::system::system_error with what().
[[noreturn]] void throw_exception_from_error(const error& refusal,
                                             const boost::source_location& where);

}  // namespace engine::postgres

template <>
struct boost::system::is_error_code_enum<engine::postgres::errc> : std::true_type {};
