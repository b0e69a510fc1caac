#include "subsystems/workflow/error.h"

#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::workflow {
namespace {

const char* text_of(errc code) {
  switch (code) {
    case errc::file_missing:
      return "the file does not exist";
    case errc::file_not_regular:
      return "not a regular file";
    case errc::file_unreadable:
      return "the file cannot be read";
    case errc::too_big:
      return "the text is too big";
    case errc::too_deep:
      return "values are nested too deeply";
    case errc::too_many_nodes:
      return "too many values";
    case errc::too_many_documents:
      return "too many documents";
    case errc::too_many_keys:
      return "too many keys in a map";
    case errc::bad_encoding:
      return "the text is not well-formed UTF-8";
    case errc::bad_syntax:
      return "the text is not well-formed YAML or JSON";
    case errc::unsupported_syntax:
      return "a part of YAML that manifests cannot use";
    case errc::duplicate_key:
      return "a key is given twice";
    case errc::not_a_workflow:
      return "not a workflow";
    case errc::no_tasks:
      return "no tasks";
    case errc::unknown_key:
      return "unknown key";
    case errc::missing_key:
      return "a required key is missing";
    case errc::wrong_type:
      return "a value has the wrong type";
    case errc::bad_value:
      return "a value is out of its range";
    case errc::conflicting_keys:
      return "keys exclude each other";
    case errc::bad_expression:
      return "an expression is not well-formed";
    case errc::too_many_tasks:
      return "too many tasks";
    case errc::too_many_dependencies:
      return "too many dependencies";
    case errc::too_many_patterns:
      return "too many regular expressions";
    case errc::duplicate_name:
      return "a name is given twice";
    case errc::unknown_name:
      return "a name is that of nothing";
    case errc::bad_graph:
      return "the tasks form no sound graph";
    case errc::bad_template:
      return "a placeholder is not well-formed";
    case errc::bad_reference:
      return "a placeholder refers to what is not there";
  }
  return "unknown error";
}

class workflow_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "workflow"; }
  [[nodiscard]] std::string message(int code) const override {
    return text_of(static_cast<errc>(code));
  }
};

}  // namespace

const boost::system::error_category& category() noexcept {
  static const workflow_category instance;
  return instance;
}

std::string error::what() const {
  std::string place = support::printable(source);
  place += place.empty() ? "" : ":";
  if (where.line != 0) {
    place += fmt::format("{}:{}:", where.line, where.column);
  }
  return place.empty() ? message : fmt::format("{} {}", place, message);
}

void throw_exception_from_error(const error& refusal, const boost::source_location& where) {
  boost::throw_with_location(
      boost::system::system_error(make_error_code(refusal.code), refusal.what()), where);
}

}  // namespace engine::workflow
