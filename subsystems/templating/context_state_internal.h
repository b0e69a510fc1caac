// What a context remembers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/filters_internal.h"
#include "subsystems/templating/json_text_internal.h"
#include "subsystems/templating/kernels_internal.h"
#include "subsystems/templating/path_memory_internal.h"
#include "subsystems/templating/program_internal.h"
#include "subsystems/templating/text_arena_internal.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating::internal {

/// The values of a template's slots in one context: all that a rendering needs.
struct binding {
  std::uint64_t program_id = 0;
  std::uint64_t age = 0;  ///< it counts if the context has the same
  std::size_t size = 0;   ///< of the result
  gathering pieces = {};
  std::vector<cell> cells;
  std::optional<compiled_template> of;  ///< keeps the literals
};

class context_state {
 public:
  explicit context_state(const context::options& chosen);

  void set(std::string_view path, const boost::json::value& document);
  void unset(std::string_view path);
  void forget();

  [[nodiscard]] const context::options& options() const { return options_; }
  [[nodiscard]] const kernels& code() const { return *kernels_; }

  /// Before values of another text are evaluated: makes room if too much is remembered.
  void begin_text();

  /// The binding of `which` if it is remembered, or null. Valid until the next call of any function
  /// that is not const.
  [[nodiscard]] const binding* remembered(const compiled_template& which) const {
    const std::uint64_t id = which.compiled().id;
    const binding& known = bindings_[id & binding_mask_];
    return known.program_id == id && known.age == age_ ? &known : nullptr;
  }

  /// Looks up the values of `which`. Valid likewise. The error has its place.
  [[nodiscard]] result<const binding*> bind(const compiled_template& which);

  /// What the path, as it is written, is as text; null if that is not remembered.
  [[nodiscard]] const cell* remembered(std::string_view path) const {
    const path_memory::entry* const found = paths_.find(text_hash(path), path);
    return found == nullptr ? nullptr : &found->as_text;
  }

  /// Texts kept since now() are not needed any more. What evaluate() made of expressions with
  /// filters since then is not valid any more; REQUIRES: it was of no others.
  [[nodiscard]] text_arena::mark now() const { return texts_.now(); }
  void rewind(const text_arena::mark& to) {
    texts_.rewind(to);
    parent_ = nullptr;  // Its text may have been kept since.
  }

  /// The value of an expression in `form`. `text` is what is written, `hash` its hash. The cell is
  /// valid until forget(). The error has no place.
  [[nodiscard]] result<cell> evaluate(const expression& value, const parts& of,
                                      std::string_view text, std::uint64_t hash, slot_form form);

 private:
  [[nodiscard]] const boost::json::value* find(std::span<const step> path, std::string_view text);
  [[nodiscard]] const boost::json::value* document_at(std::string_view path) const;
  [[nodiscard]] const boost::json::value* find_in_documents(std::span<const step> path,
                                                            const boost::json::value*& parent);
  [[nodiscard]] result<const path_memory::entry*> remember(std::uint64_t hash,
                                                           std::string_view text,
                                                           const boost::json::value& value);
  [[nodiscard]] result<cell> unknown(std::string_view text, slot_form form) const;
  [[nodiscard]] result<cell> in_form(const boost::json::value& value, const cell& as_text,
                                     slot_form form);
  [[nodiscard]] cell keep(std::string_view text);

  context::options options_;
  const kernels* kernels_ = &best_kernels();
  std::vector<binding> bindings_;  // a power of two of them
  std::uint64_t binding_mask_;
  std::uint64_t age_ = 1;  // of what is remembered
  path_memory paths_;
  text_arena texts_;  // what cells and paths refer to, where no document has it
  const boost::json::value* whole_ = nullptr;  // the document at the empty path
  // The others by the hash of their paths, then by the paths: few are compared, however many hashes
  // are equal.
  using documents_of_hash = std::map<std::string, const boost::json::value*, std::less<>>;
  boost::unordered_flat_map<std::uint64_t, documents_of_hash> documents_;
  std::size_t document_steps_max_ = 0;  // no document lies at a longer path
  // The object that the last path was found in, and the text before its last name.
  const boost::json::value* parent_ = nullptr;
  std::string_view parent_text_;
  filter_budget filter_budget_{options_.bounds};  // of the text at hand
  std::string scratch_;
};

}  // namespace engine::templating::internal
