// The values that templates name: JSON documents, each at a path.
//
//   context values;
//   values.set("inputs.parameters", parameters);
//   values.set("tasks.fetch.outputs", outputs);
//
// Refers to the documents, which must neither change nor die while it does. Where a path leads is
// looked up once: what was found is remembered, for paths and for whole templates, until set() or
// forget(). Movable, not copyable; a moved-from one can only be assigned to or destroyed. For one
// thread at a time; many contexts may share documents and templates.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/json/value.hpp>

#include "subsystems/templating/limits.h"

namespace engine::templating {

namespace internal {
class context_state;
}

class context {
 public:
  struct options {
    limits bounds = {};
    /// A reference without a value becomes an empty text, or null where a document's value stands,
    /// instead of the error unknown_reference.
    bool lenient = false;
    /// Paths remembered; with one more, all are forgotten. Some 100 bytes each.
    std::size_t paths_max = 16'384;
    /// Templates whose values are remembered, rounded up to a power of two, at most 2^20. Each has
    /// one place, by the order in which templates were compiled: two that are so many apart take
    /// turns.
    std::size_t templates_max = 64;
    /// Bytes of values remembered as text that their documents do not hold as they are written;
    /// with more, everything is forgotten.
    std::size_t text_bytes_max = std::size_t{64} << 20U;
  };

  context();
  explicit context(const options& chosen);
  context(context&&) noexcept;
  context& operator=(context&&) noexcept;
  context(const context&) = delete;  // What is remembered refers to itself.
  context& operator=(const context&) = delete;
  ~context();

  /// From now on `path`, of names joined by dots, means `document`, and longer paths mean what is
  /// in it; the empty path means the document whose members are the first names. Of several that
  /// fit, the longest that has a value counts. Forgets what is remembered.
  void set(std::string_view path, const boost::json::value& document);
  void set(std::string_view path, const boost::json::value&& document) = delete;  // Would not last.

  /// `path` means nothing any more, nor does what is remembered.
  void unset(std::string_view path);

  /// A document has changed: nothing remembered counts any more.
  void forget();

  [[nodiscard]] internal::context_state& state() { return *state_; }

 private:
  std::unique_ptr<internal::context_state> state_;
};

}  // namespace engine::templating
