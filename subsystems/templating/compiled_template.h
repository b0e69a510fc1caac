// A template, compiled: its literal text in one piece, and what stands between, parsed.
//
//   Hello {{ inputs.parameters.name | default('world') }}!
//
// A placeholder names a value by a path of names, [0] and ['any key'], and may filter it:
//   default(x)        x if there is no such value; x is text in quotes, a number, true, false, null
//   json              the value as JSON text
//   string            the value as text
//   length            characters of a text, elements of an array, members of an object
//   match('re')       whether the regular expression matches some part of the text
//   replace('re','w') the text with every match replaced; \1 to \9 are groups
// Text in quotes stands for itself, which is how to write braces: {{ '{{' }}. In quotes, \\ \' and
// \" stand for the second character. Argo's {{inputs.parameters.x}} and {{tasks.a.outputs.result}}
// are paths like others; its {{=…}} is refused. Blanks inside the braces mean nothing. Values are
// never searched for placeholders.
//
// A template of a document is a JSON value all of whose strings are templates, but for the names of
// members. A string that is one placeholder and nothing else becomes the value itself, of whatever
// type; elsewhere values become text.
//
// Immutable and cheap to copy: copies share what is compiled. What is moved from is the template of
// an empty text. Any number of threads may use one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/templating/error.h"
#include "subsystems/templating/limits.h"

namespace engine::templating {

namespace internal {
struct program;
extern const program program_of_nothing;
}  // namespace internal

/// A path that a template reads.
struct reference {
  static constexpr std::size_t pointer_bytes_max = std::size_t{16} << 20U;

  /// The steps; indexes in brackets, as in "[0]", which a key may look like as well.
  std::vector<std::string> path;
  /// As its author wrote it, filters included.
  std::string text;
  /// Of its first mention.
  position where;
  /// Of a document: the JSON pointer of the string that mentions it first. Left empty once the
  /// pointers before it have some pointer_bytes_max together, as in a document with long keys they
  /// may be ten thousand times as long as all of it.
  std::string pointer;
  /// It may be missing.
  bool has_default = false;
};

class compiled_template {
 public:
  compiled_template(const compiled_template&) = default;
  compiled_template& operator=(const compiled_template&) = default;
  compiled_template(compiled_template&& other) noexcept
      : program_(std::exchange(other.program_, &internal::program_of_nothing)),
        owner_(std::move(other.owner_)) {}
  compiled_template& operator=(compiled_template&& other) noexcept {
    program_ = std::exchange(other.program_, &internal::program_of_nothing);
    owner_ = std::move(other.owner_);
    return *this;
  }
  ~compiled_template() = default;

  /// The text that was compiled; of a document, its JSON text. Valid as long as a copy lives.
  [[nodiscard]] std::string_view source() const;
  /// It renders to JSON text.
  [[nodiscard]] bool is_document() const;
  [[nodiscard]] std::uint32_t placeholder_count() const;
  /// What it holds, in bytes; patterns count as what they may come to hold.
  [[nodiscard]] std::size_t bytes() const;

  [[nodiscard]] const internal::program& compiled() const { return *program_; }

 private:
  friend result<compiled_template> compile(std::string_view, const limits&);
  friend result<compiled_template> compile_document(const boost::json::value&, const limits&);
  friend class context;

  explicit compiled_template(std::shared_ptr<const internal::program> program)
      : program_(program.get()), owner_(std::move(program)) {}

  const internal::program* program_;  // never null
  std::shared_ptr<const internal::program> owner_;
};

/// Compiles a text, or says what is wrong with its first bad placeholder. O(text), in one pass.
[[nodiscard]] result<compiled_template> compile(std::string_view text, const limits& bounds = {});

/// Compiles a JSON value. O(its JSON text).
[[nodiscard]] result<compiled_template> compile_document(const boost::json::value& document,
                                                         const limits& bounds = {});

/// What `of` reads, each path with its filters once, in order of their first mention.
/// O(paths log paths) and the texts.
[[nodiscard]] std::vector<reference> references(const compiled_template& of);

}  // namespace engine::templating
