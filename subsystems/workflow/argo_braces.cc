#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_braces_internal.h"
#include "subsystems/workflow/placeholders_internal.h"

namespace engine::workflow::internal {
namespace {

constexpr std::string_view opening_as_text = "{{ '{{' }}";

constexpr std::array<std::string_view, 8> prefixes = {
    "item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.", "lastRetry."};
constexpr std::array<std::string_view, 3> words_alone = {"item", "retries", "node.name"};

// What a misspelt word may have been meant to be.
constexpr std::array<std::string_view, 8> words = {"item", "steps",    "inputs", "outputs",
                                                   "pod",  "workflow", "tasks",  "lastRetry"};

// JSON text of all that the variable holds.
constexpr std::array<std::string_view, 3> json_variables = {
    "workflow.parameters.json", "workflow.annotations.json", "workflow.labels.json"};
constexpr std::string_view json_member = ".json";

std::string_view behind_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

bool ends_name(std::string_view rest) {
  rest = behind_blanks(rest);
  return rest.starts_with("}}") || rest.starts_with('|');
}

std::string_view leading_word(std::string_view text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// The word that the author of a foreign placeholder may have meant; empty if there is none.
std::string_view misspelt_word(std::string_view rest, support::guess_budget& guesses) {
  rest = behind_blanks(rest);
  const std::string_view word = leading_word(rest);
  if (word.empty() || !rest.substr(word.size()).starts_with('.')) {
    return {};
  }
  return word == "parameters" ? "inputs.parameters" : support::nearest_name(word, words, guesses);
}

class adopter {
 public:
  adopter(std::vector<position>& openings, const shared_parameters& parameters,
          std::string_view subject, load_context& load)
      : openings_(openings),
        has_parameter_json_(parameters.find("json") != nullptr),
        subject_(subject),
        load_(load) {}

  void adopt(boost::json::value& of) {
    if (auto* const text = of.if_string(); text != nullptr) {
      if (std::string_view(*text).find(opening_braces) != std::string_view::npos) {
        of = adopted(*text);
      }
    } else if (auto* const array = of.if_array(); array != nullptr) {
      for (boost::json::value& each : *array) {
        adopt(each);
      }
    } else if (auto* const object = of.if_object(); object != nullptr) {
      for (auto& each : *object) {
        adopt(each.value());
      }
    }
  }

  void finish() {
    assert(next_ == openings_.size());
    openings_ = std::move(made_);
  }

 private:
  std::string adopted(std::string_view text) {
    std::string made;
    made.reserve(text.size());
    for (std::size_t at = 0;;) {
      const std::size_t found = std::min(text.find(opening_braces, at), text.size());
      made += text.substr(at, found - at);
      if (found == text.size()) {
        return made;
      }
      at = found + opening_braces.size();
      const position where = openings_[next_++];
      made_.push_back(where);
      if (is_argo_opening(text.substr(at))) {
        made += opening_braces;
        at += take_foreign_path(text.substr(at), made);
      } else {
        made += opening_as_text;
        made_.push_back(where);
        warn(text.substr(found), where);
      }
    }
  }

  void warn(std::string_view text, position where) const {
    if (load_.warns_no_more()) {
      return;
    }
    const std::string_view meant =
        misspelt_word(text.substr(opening_braces.size()), load_.guesses());
    if (!meant.empty()) {
      const std::size_t end = std::min(text.find("}}"), text.size() - 2) + 2;
      load_.warn(
          errc::bad_reference, where,
          fmt::format("{}: {} stays as it is, for it begins with no word of Argo's{}", subject_,
                      support::excerpt(text.substr(0, end)), support::did_you_mean(meant)));
    }
  }

  // Writes what only Argo would understand as templating does, and says how much of `rest` it was.
  std::size_t take_foreign_path(std::string_view rest, std::string& made) const {
    const std::size_t taken = take_item(rest, made);
    return taken > 0 ? taken : take_json_variable(rest, made);
  }

  // An item's keys may have any characters, and "[0]" is the first element of one that is a list.
  static std::size_t take_item(std::string_view rest, std::string& made) {
    constexpr std::string_view item = "item.";
    const std::size_t begin = rest.size() - behind_blanks(rest).size();
    if (!rest.substr(begin).starts_with(item)) {
      return 0;
    }
    const std::size_t end = rest.find_first_of("|}{'\"\\", begin);
    if (end == std::string_view::npos || (rest[end] != '|' && rest[end] != '}')) {
      return 0;
    }
    std::string_view path = rest.substr(begin + item.size(), end - begin - item.size());
    path = path.substr(0, path.find_last_not_of(blanks) + 1);
    std::string written = "item";
    for (const std::string_view step : steps_of_path(path)) {
      written += written_step(step);
    }
    made += written;
    return end;
  }

  static std::string written_step(std::string_view step) {
    const bool is_index = step.size() > 2 && step.front() == '[' && step.back() == ']' &&
                          step.find_first_not_of("0123456789", 1) == step.size() - 1;
    if (is_index) {
      return std::string(step);
    }
    const bool is_plain = leading_word(step).size() == step.size() ||
                          step.find_first_of("[]") != std::string_view::npos;
    return is_plain ? fmt::format(".{}", step) : fmt::format("['{}']", step);
  }

  // Writes such a variable as a filter.
  std::size_t take_json_variable(std::string_view rest, std::string& made) const {
    const std::string_view path = behind_blanks(rest);
    for (const std::string_view each : json_variables) {
      const bool is_parameter = has_parameter_json_ && each == json_variables.front();
      if (!is_parameter && path.starts_with(each) && ends_name(path.substr(each.size()))) {
        made += each.substr(0, each.size() - json_member.size());
        made += " | json";
        return rest.size() - path.size() + each.size();
      }
    }
    return 0;
  }

  std::vector<position>& openings_;
  std::vector<position> made_;
  std::size_t next_ = 0;
  bool has_parameter_json_;
  std::string_view subject_;
  load_context& load_;
};

}  // namespace

std::vector<std::string_view> steps_of_path(std::string_view path) {
  std::vector<std::string_view> steps;
  for (;;) {
    const std::size_t dot = path.find('.');
    steps.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      return steps;
    }
    path.remove_prefix(dot + 1);
  }
}

bool is_argo_opening(std::string_view rest) {
  if (rest.starts_with('=')) {
    return true;
  }
  rest = behind_blanks(rest);
  const auto begins = [rest](std::string_view prefix) { return rest.starts_with(prefix); };
  const auto stands_alone = [rest](std::string_view word) {
    return rest.starts_with(word) && ends_name(rest.substr(word.size()));
  };
  return std::any_of(prefixes.begin(), prefixes.end(), begins) ||
         std::any_of(words_alone.begin(), words_alone.end(), stands_alone);
}

void adopt_argo_templates(boost::json::value& of, std::vector<position>& openings,
                          const shared_parameters& parameters, std::string_view subject,
                          load_context& load) {
  if (openings.empty()) {
    return;
  }
  adopter every(openings, parameters, subject, load);
  every.adopt(of);
  every.finish();
}

}  // namespace engine::workflow::internal
