// From a compiled template and a context to text.
//
// The first rendering of a template in a context looks its values up; later ones only copy. On
// failure nothing is written, and the error says where. Documents become JSON text as long as the
// values are UTF-8, which is not checked; numbers beyond all bounds become 1e99999. As thread-safe
// as the context: one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/error.h"
#include "subsystems/templating/pattern.h"

namespace engine::templating {

namespace internal {
struct parts;
}

/// Replaces `out` by the result; its memory is used again. One allocation at most, of the exact
/// size, once the values are looked up. unknown_reference, wrong_type, too_deep, value_too_big,
/// output_too_big, pattern_too_slow.
[[nodiscard]] result<void> render(const compiled_template& which, context& values,
                                  std::string& out);

/// Writes the result into `out` and returns its size; buffer_too_small, which says the size needed,
/// if it does not fit. Allocates nothing once the values are looked up.
[[nodiscard]] result<std::size_t> render(const compiled_template& which, context& values,
                                         std::span<char> out);

[[nodiscard]] result<std::string> render(const compiled_template& which, context& values);

/// The result of a document as a value, as Boost.JSON parses it: a fraction may differ in its last
/// bit from the one in the text, which is exact.
/// REQUIRES: which.is_document().
[[nodiscard]] result<boost::json::value> render_value(const compiled_template& which,
                                                      context& values);

/// Resolves texts that are rendered once and not kept: searches and substitutes in one pass, with
/// the result that compile() and render() would give. Its memory is used again. For one thread.
class resolver {
 public:
  /// `bounds`: of texts and results. Values keep to those of their context, and paths that the
  /// context remembers are not looked at again. A moved-from resolver is one that has not resolved
  /// anything yet.
  explicit resolver(const limits& bounds = {});
  resolver(resolver&&) noexcept;
  resolver& operator=(resolver&&) noexcept;
  resolver(const resolver&) = delete;  // A copy would have nothing of use.
  resolver& operator=(const resolver&) = delete;
  ~resolver();

  /// Valid until the next call, or until `text` dies: a text without placeholders is returned as it
  /// is, not copied. `text` may be the last result or lie in it. O(text + result).
  [[nodiscard]] result<std::string_view> resolve(std::string_view text, context& values);

 private:
  class pass;

  limits bounds_;
  pattern_budget compiling_;  // of the text at hand
  std::vector<char> buffer_;
  std::vector<char> previous_;  // takes turns with it where the last result is resolved again
  std::unique_ptr<internal::parts> parts_;  // null until it is needed
};

}  // namespace engine::templating
