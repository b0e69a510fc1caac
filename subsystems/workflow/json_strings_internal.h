// The strings of a JSON value, in order, but for the names of members.
//
// Refers to the value. Needs no recursion, so any depth is fine. For one thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace engine::workflow::internal {

class json_strings {
 public:
  explicit json_strings(const boost::json::value& of) : next_(&of) {}

  /// Finds the next one; false at the end, and then `found` is unchanged. Constant time for each
  /// value passed.
  [[nodiscard]] bool next(std::string_view& found);

 private:
  struct open_value {
    const boost::json::value* whole;
    std::size_t next;
  };

  [[nodiscard]] const boost::json::value* following();

  const boost::json::value* next_;  // null at the end
  std::vector<open_value> open_;
};

}  // namespace engine::workflow::internal
