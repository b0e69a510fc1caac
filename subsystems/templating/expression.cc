#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/templating/expression_internal.h"

namespace engine::templating::internal {
namespace {

using support::character_bytes;
using support::excerpt;
using support::in_quotes;

namespace json = boost::json;

struct filter_form {
  std::string_view name;
  filter_kind kind;
  std::size_t arguments;
};

constexpr std::array<filter_form, 6> filter_forms = {{
    {"default", filter_kind::default_value, 1},
    {"json", filter_kind::json, 0},
    {"string", filter_kind::string, 0},
    {"length", filter_kind::length, 0},
    {"match", filter_kind::match, 1},
    {"replace", filter_kind::replace, 2},
}};

constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

class parser {
 public:
  parser(std::string_view text, std::size_t opening, const limits& bounds,
         pattern_budget& compiling, parts& into)
      : text_(text),
        opening_(opening),
        at_(opening + 2),
        bounds_(bounds),
        compiling_(compiling),
        into_(into) {}

  result<parsed_placeholder> parse() {
    expression inside;
    inside.first_step = static_cast<std::uint32_t>(into_.steps.size());
    inside.first_filter = static_cast<std::uint32_t>(into_.filters.size());
    skip_blanks();
    const std::size_t begin = at_;
    read_source();
    const std::size_t first_filter = into_.filters.size();  // A constant does not count as one.
    while (!refused_ && accept('|')) {
      read_filter(first_filter);
    }
    const std::size_t end = at_ - blanks_;
    if (!refused_ && !text_.substr(at_).starts_with("}}")) {
      refuse_next("\"|\" or \"}}\" is expected");
    }
    if (refused_) {
      return std::move(*refused_);
    }
    inside.step_count = static_cast<std::uint32_t>(into_.steps.size()) - inside.first_step;
    inside.filter_count = static_cast<std::uint32_t>(into_.filters.size()) - inside.first_filter;
    return parsed_placeholder{inside, begin, end - begin, at_ + 2};
  }

 private:
  // What is filtered: a constant or a path.
  void read_source() {
    if (text_.substr(at_).starts_with("}}")) {
      return refuse(errc::empty_placeholder, opening_, "the placeholder is empty");
    }
    if (next() == '=') {
      return refuse(
          errc::unsupported_expression, opening_,
          "{{=…}} is an expression, which is not supported; name a value and use filters");
    }
    if (next() == '\'' || next() == '"') {
      filter constant;
      constant.kind = filter_kind::constant;
      constant.argument = json::string(read_quoted());
      into_.filters.push_back(std::move(constant));
      return skip_blanks();
    }
    read_path();
  }

  void read_path() {
    const std::size_t first = into_.steps.size();
    if (next() != '[') {
      read_name();
    }
    while (!refused_) {
      if (into_.steps.size() - first > bounds_.path_depth_max) {
        return refuse(errc::too_deep, opening_,
                      fmt::format("the path has more than {} steps", bounds_.path_depth_max));
      }
      skip_blanks();
      if (accept('.')) {
        read_name();
      } else if (accept('[')) {
        read_bracket();
      } else {
        return;
      }
    }
  }

  void read_name() {
    skip_blanks();
    const std::string_view name = take_name();
    if (name.empty()) {
      return refuse_next("a name is expected");
    }
    add_step(step_kind::name, name);
  }

  void add_step(step_kind kind, std::string_view name, std::uint32_t index = 0) {
    step& added = into_.steps.emplace_back();
    added.name = name;
    added.index = index;
    added.kind = kind;
  }

  void read_bracket() {
    skip_blanks();
    if (next() == '\'' || next() == '"') {
      const std::size_t begin = at_ + 1;
      std::string key = read_quoted();
      // The key is in the text as it is, unless something in it was escaped.
      std::string_view name = text_.substr(begin, key.size());
      if (name != key) {
        name = into_.unescaped.emplace_back(std::move(key));
      }
      add_step(step_kind::key, name);
    } else {
      std::uint32_t index = 0;
      const std::string_view rest = text_.substr(at_);
      const auto [stop, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
      if (problem != std::errc()) {
        return refuse_next("a quoted key or an index below 2^32 is expected");
      }
      at_ += static_cast<std::size_t>(stop - rest.data());
      add_step(step_kind::index, {}, index);
    }
    skip_blanks();
    if (!refused_ && !accept(']')) {
      refuse_next("\"]\" is expected");
    }
  }

  // The text between quotes, the first of which is next.
  std::string read_quoted() {
    const std::size_t opening = at_;
    const char quote = text_[at_++];
    std::string content;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '\\' || text_[at_ + 1] == '\'' || text_[at_ + 1] == '"')) {
        ++at_;
      }
      content += text_[at_];
    }
    if (at_ >= text_.size()) {
      refuse(errc::unterminated, opening, "the quotes are not closed");
    } else {
      ++at_;
    }
    return content;
  }

  void read_filter(std::size_t first_filter) {
    malformed_ = errc::bad_filter;
    skip_blanks();
    const std::size_t begin = at_;
    const std::string_view name = take_name();
    const auto* const form = std::find_if(filter_forms.begin(), filter_forms.end(),
                                          [&](const auto& each) { return each.name == name; });
    if (name.empty()) {
      return refuse_next("a filter is expected");
    }
    if (form == filter_forms.end()) {
      return refuse(errc::bad_filter, begin,
                    fmt::format("there is no filter {}; there are default, json, string, length, "
                                "match and replace",
                                in_quotes(name)));
    }
    if (into_.filters.size() - first_filter >= bounds_.filters_max) {
      return refuse(errc::too_many_filters, begin,
                    fmt::format("more than {} filters", bounds_.filters_max));
    }
    std::vector<json::value> arguments = read_arguments();
    if (refused_) {
      return;
    }
    if (arguments.size() != form->arguments) {
      return refuse(errc::bad_filter, begin,
                    fmt::format("{} takes {} argument{}, not {}", name, form->arguments,
                                form->arguments == 1 ? "" : "s", arguments.size()));
    }
    add_filter(*form, begin, arguments);
  }

  void add_filter(const filter_form& form, std::size_t begin, std::vector<json::value>& arguments) {
    filter added;
    added.kind = form.kind;
    if (form.kind == filter_kind::default_value) {
      added.argument = std::move(arguments.front());
    } else if (form.arguments > 0) {
      for (const json::value& each : arguments) {
        if (!each.is_string()) {
          return refuse(errc::bad_filter, begin, fmt::format("{} takes text in quotes", form.name));
        }
      }
      if (++into_.patterns > bounds_.patterns_max) {
        return refuse(errc::too_many_patterns, begin,
                      fmt::format("more than {} regular expressions", bounds_.patterns_max));
      }
      result<pattern> compiled =
          pattern::compile(arguments.front().get_string(), bounds_, compiling_);
      if (!compiled) {
        return refuse(compiled.error().code, begin, compiled.error().message);
      }
      if (form.kind == filter_kind::replace) {
        added.with = arguments.back().get_string();
        const std::string problem = compiled->problem_of(added.with);
        if (!problem.empty()) {
          return refuse(errc::bad_pattern, begin,
                        fmt::format("replacement {}: {}", in_quotes(added.with), excerpt(problem)));
        }
      }
      added.matcher = *compiled;
    }
    into_.filters.push_back(std::move(added));
  }

  std::vector<json::value> read_arguments() {
    std::vector<json::value> arguments;
    skip_blanks();
    if (!accept('(')) {
      return arguments;
    }
    skip_blanks();
    if (accept(')')) {
      skip_blanks();
      return arguments;
    }
    do {
      skip_blanks();
      arguments.push_back(read_argument());
      skip_blanks();
    } while (!refused_ && arguments.size() <= 2 && accept(','));
    if (!refused_ && !accept(')')) {
      refuse_next("\",\" or \")\" is expected");
    }
    skip_blanks();
    return arguments;
  }

  json::value read_argument() {
    if (next() == '\'' || next() == '"') {
      return json::value(json::string(read_quoted()));
    }
    const std::string_view rest = text_.substr(at_);
    const std::string_view word =
        rest.substr(0, std::min(rest.find_first_of(",) \t\r\n|}"), rest.size()));
    boost::system::error_code problem;
    json::value value = word.size() <= 64 ? json::parse(word, problem) : json::value();
    if (problem || word.empty() || word.size() > 64 || value.is_structured()) {
      refuse_next("text in quotes, a number, true, false or null is expected");
    } else {
      at_ += word.size();
    }
    return value;
  }

  std::string_view take_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool accept(char wanted) {
    if (next() != wanted || at_ >= text_.size()) {
      return false;
    }
    ++at_;
    blanks_ = 0;
    return true;
  }

  // Remembers how many there were, to know where the expression before them ended.
  void skip_blanks() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
    blanks_ = at_ - begin;
  }

  void refuse_next(std::string_view expected) {
    const std::size_t bytes = std::max<std::size_t>(1, character_bytes(text_.substr(at_)));
    refuse(malformed_, at_,
           fmt::format("{}, not {}", expected,
                       at_ < text_.size() ? in_quotes(text_.substr(at_, bytes)) : "the end"));
  }

  // Whatever else is wrong with a placeholder that does not end: that is what to say.
  void refuse(errc code, std::size_t where, std::string message) {
    if (refused_) {
      return;
    }
    if (text_.find("}}", opening_ + 2) == std::string_view::npos) {
      code = errc::unterminated;
      where = opening_;
      message = fmt::format("the placeholder {} is not closed", in_quotes(text_.substr(opening_)));
    }
    refused_ = error{code, position_of(text_, where), std::move(message), {}};
  }

  std::string_view text_;
  std::size_t opening_;
  std::size_t at_;
  std::size_t blanks_ = 0;
  const limits& bounds_;
  pattern_budget& compiling_;
  parts& into_;
  errc malformed_ = errc::bad_path;  // of what is read
  std::optional<error> refused_;
};

}  // namespace

result<parsed_placeholder> parse_placeholder(std::string_view text, std::size_t opening,
                                             const limits& bounds, pattern_budget& compiling,
                                             parts& into) {
  return parser(text, opening, bounds, compiling, into).parse();
}

}  // namespace engine::templating::internal
