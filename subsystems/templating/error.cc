#include "subsystems/templating/error.h"

#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::templating {
namespace {

const char* text_of(errc code) {
  switch (code) {
    case errc::unterminated:
      return "a placeholder is not closed";
    case errc::empty_placeholder:
      return "a placeholder is empty";
    case errc::unsupported_expression:
      return "{{=…}} is not supported";
    case errc::bad_path:
      return "a path is not well-formed";
    case errc::bad_filter:
      return "a filter is unknown or not well-formed";
    case errc::bad_pattern:
      return "a regular expression cannot be used";
    case errc::template_too_big:
      return "the template is too big";
    case errc::too_many_placeholders:
      return "too many placeholders";
    case errc::too_many_filters:
      return "too many filters";
    case errc::too_many_patterns:
      return "too many regular expressions";
    case errc::too_deep:
      return "nested too deeply";
    case errc::unknown_reference:
      return "unknown reference";
    case errc::wrong_type:
      return "a value has the wrong type";
    case errc::value_too_big:
      return "a value is too big for its filter";
    case errc::output_too_big:
      return "the result is too big";
    case errc::buffer_too_small:
      return "the buffer is too small for the result";
    case errc::pattern_too_slow:
      return "a regular expression takes too long";
  }
  return "unknown error";
}

class templating_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "templating"; }
  [[nodiscard]] std::string message(int code) const override {
    return text_of(static_cast<errc>(code));
  }
};

}  // namespace

const boost::system::error_category& category() noexcept {
  static const templating_category instance;
  return instance;
}

position position_of(std::string_view text, std::size_t offset) {
  return position_behind({.line = 1, .column = 1, .offset = 0}, text, offset);
}

position position_behind(const position& before, std::string_view text, std::size_t offset) {
  const std::string_view passed = text.substr(0, offset).substr(before.offset);
  std::uint32_t line = before.line;
  std::uint32_t first_column = before.column;
  std::size_t line_start = 0;
  for (std::size_t end = passed.find('\n'); end != std::string_view::npos;
       end = passed.find('\n', line_start)) {
    ++line;
    first_column = 1;
    line_start = end + 1;
  }
  return {line, first_column + static_cast<std::uint32_t>(passed.size() - line_start),
          before.offset + passed.size()};
}

std::string error::what() const {
  std::string place = pointer.empty() ? std::string() : support::printable(pointer) + ": ";
  if (where.line != 0) {
    place += fmt::format("{}:{}: ", where.line, where.column);
  }
  return place + message;
}

void throw_exception_from_error(const error& refusal, const boost::source_location& where) {
  boost::throw_with_location(
      boost::system::system_error(make_error_code(refusal.code), refusal.what()), where);
}

}  // namespace engine::templating
