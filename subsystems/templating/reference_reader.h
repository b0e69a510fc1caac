// What single placeholders read, without a template to render: for checks of many of them.
//
// Its memory is used again from one to the next. For one thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"
#include "subsystems/templating/pattern.h"

namespace engine::templating {

namespace internal {
struct parts;
}

class reference_reader {
 public:
  struct reading {
    /// The steps of the path, indexes in brackets, as in "[0]", which a key may look like as well;
    /// none if it is a constant.
    std::span<const std::string_view> path;
    /// The value may be missing.
    bool has_default = false;
  };

  explicit reference_reader(const limits& bounds = {});
  reference_reader(const reference_reader&) = delete;  // A copy would have nothing of use.
  reference_reader& operator=(const reference_reader&) = delete;
  ~reference_reader();

  /// Reads the placeholder that `text` begins with, filters included, or says as compile() does
  /// what is wrong with it. Valid until the next call, or until `text` dies. O(placeholder), beside
  /// its regular expressions. REQUIRES: `text` begins with "{{".
  [[nodiscard]] result<reading> read(std::string_view text);

 private:
  limits bounds_;
  pattern_budget compiling_;
  std::unique_ptr<internal::parts> parts_;
  std::vector<std::string_view> path_;
};

}  // namespace engine::templating
