// What filters do to a value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "subsystems/templating/error.h"
#include "subsystems/templating/expression_internal.h"
#include "subsystems/templating/json_text_internal.h"
#include "subsystems/templating/limits.h"
#include "subsystems/templating/pattern.h"

namespace engine::templating::internal {

/// What the filters of one rendering may still do.
struct filter_budget {
  explicit filter_budget(const limits& bounds)
      : bytes_left(bounds.filter_bytes_max), patterns(bounds) {}

  std::size_t bytes_left;  ///< of texts to read and write
  pattern_budget patterns;
};

/// The value on its way through the filters: none, one of a document, or one that a filter made.
class operand {
 public:
  explicit operand(const boost::json::value* from) : value_(from) {}
  operand(const operand&) = delete;
  operand& operator=(const operand&) = delete;

  /// Null if there is none.
  [[nodiscard]] const boost::json::value* get() const { return value_; }

  void refer(const boost::json::value& other) { value_ = &other; }
  void replace(boost::json::value made) {
    made_ = std::move(made);
    value_ = &made_;
  }

 private:
  const boost::json::value* value_;
  boost::json::value made_;
};

/// `value` as it looks inside text: a text as it is, anything else as JSON text, for which
/// `storage` is used. The view is of either.
[[nodiscard]] result<std::string_view> text_of(const boost::json::value& value,
                                               const text_bounds& bounds, std::string& storage);

/// Applies `filters` in order. An operand without a value is unknown to all of them but default.
/// `budget` becomes what is left of it; a limit is looked at before what it limits is made. Errors
/// have no place: wrong_type, value_too_big, output_too_big, too_deep, pattern_too_slow.
[[nodiscard]] result<void> apply(std::span<const filter> filters, const limits& bounds,
                                 filter_budget& budget, operand& to);

}  // namespace engine::templating::internal
