#include "subsystems/workflow/check_parameter.h"

#include <string>
#include <string_view>

#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/render.h"

namespace engine::workflow {
namespace {

error refuse(const parameter& of, std::string_view message) {
  return {.code = errc::bad_value,
          .source = {},
          .where = {},
          .message = fmt::format("parameter {}: {}", support::in_quotes(of.name), message)};
}

templating::result<std::string> rendered(const boost::json::value& value) {
  static const templating::compiled_template whole = templating::compile("{{value}}").value();
  templating::context values;
  values.set("value", value);
  return templating::render(whole, values);
}

}  // namespace

result<void> check_parameter(const parameter& of, const boost::json::value& value,
                             templating::pattern_budget& budget) {
  if (!of.pattern) {
    return {};
  }
  std::string storage;
  if (!value.is_string()) {
    templating::result<std::string> text = rendered(value);
    if (!text) {
      return refuse(of, text.error().message);
    }
    storage = std::move(*text);
  }
  const std::string_view text =
      value.is_string() ? std::string_view(value.get_string()) : std::string_view(storage);
  const templating::result<bool> matches = of.pattern->matches(text, budget);
  if (!matches) {
    return refuse(of, matches.error().message);
  }
  if (!*matches) {
    return refuse(
        of, fmt::format("the value {} does not match the pattern {}", support::in_quotes(text),
                        support::in_quotes(of.pattern->expression())));
  }
  return {};
}

result<void> check_parameter(const parameter& of, const boost::json::value& value) {
  templating::pattern_budget budget;
  return check_parameter(of, value, budget);
}

}  // namespace engine::workflow
