#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "subsystems/workflow/json_strings_internal.h"

namespace engine::workflow::internal {

bool json_strings::next(std::string_view& found) {
  while (next_ != nullptr) {
    const boost::json::value& value = *next_;
    if (value.is_structured()) {
      open_.push_back({&value, 0});
    }
    next_ = following();
    if (value.is_string()) {
      found = value.get_string();
      return true;
    }
  }
  return false;
}

const boost::json::value* json_strings::following() {
  while (!open_.empty()) {
    auto& [whole, next] = open_.back();
    if (const auto* const array = whole->if_array(); array != nullptr && next < array->size()) {
      return &(*array)[next++];
    }
    if (const auto* const object = whole->if_object(); object != nullptr && next < object->size()) {
      return &object->begin()[static_cast<std::ptrdiff_t>(next++)].value();
    }
    open_.pop_back();
  }
  return nullptr;
}

}  // namespace engine::workflow::internal
