// Why a template was refused or could not be rendered, as a value that names the place and the
// offender.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace engine::templating {

enum class errc {
  // Of a template.
  unterminated = 1,
  empty_placeholder,
  unsupported_expression,
  bad_path,
  bad_filter,
  bad_pattern,
  template_too_big,
  too_many_placeholders,
  too_many_filters,
  too_many_patterns,
  too_deep,
  // Of a rendering.
  unknown_reference,
  wrong_type,
  value_too_big,
  output_too_big,
  buffer_too_small,
  pattern_too_slow,
};

/// The category "templating" of every errc.
const boost::system::error_category& category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), category()};
}

/// A place in a template's text. Lines and columns count from 1, columns in bytes; line 0 means
/// that no place is meant.
struct position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::size_t offset = 0;

  friend bool operator==(const position&, const position&) = default;
};

/// The place of the byte at `offset`, or of the end. O(offset).
[[nodiscard]] position position_of(std::string_view text, std::size_t offset);

/// The same, from the place of a byte before it. O(distance).
[[nodiscard]] position position_behind(const position& before, std::string_view text,
                                       std::size_t offset);

struct error {
  errc code{};
  /// In the text that was compiled; in that string of a document which `pointer` leads to.
  position where;
  /// A sentence with the offender. Input in it is shown as support/quote.h has it.
  std::string message;
  /// Of a document: the JSON pointer (RFC 6901) of the string concerned.
  std::string pointer;

  /// "2:14: unknown reference …", with the pointer in front if there is one, shown likewise, but
  /// whole.
  [[nodiscard]] std::string what() const;
};

/// In Boost 1.81, error() returns a copy: keep it (`const error why = made.error();`) before
/// referring to what is in it, or the reference dangles.
template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() on a failure: throws boost::system::system_error with what().
[[noreturn]] void throw_exception_from_error(const error& refusal,
                                             const boost::source_location& where);

}  // namespace engine::templating

template <>
struct boost::system::is_error_code_enum<engine::templating::errc> : std::true_type {};
