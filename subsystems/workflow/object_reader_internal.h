// Reads the fields of one map of a manifest, and says of each problem whose field it is.
//
// A field whose value is null counts as absent. After a refusal the functions return defaults, so a
// reader needs no branch for each field. Refers to the tree and the context, which must outlive it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "subsystems/workflow/json_value_internal.h"
#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

class object_reader {
 public:
  /// `subject` is what messages call the map: `task "b"`, or the path of its key. Refuses what is
  /// not a map.
  object_reader(const node& from, std::string subject, load_context& load);

  /// A better name, once one is known.
  void rename(std::string subject) { subject_ = std::move(subject); }
  [[nodiscard]] const std::string& subject() const { return subject_; }
  [[nodiscard]] position where() const { return where_; }
  /// The map that is read; an empty one if it is absent or was refused as something else.
  [[nodiscard]] const node& source() const { return from_; }
  /// False if the map was refused as something else.
  [[nodiscard]] bool is_map() const { return is_map_; }

  /// Refuses all keys that are not `known`, and suggests the nearest known one to each. False if
  /// there are any.
  bool allow_only(std::span<const std::string_view> known);

  /// The value of `key`, null if it is absent. O(keys).
  [[nodiscard]] const node* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  /// The text at `key`, empty if it is absent. Refuses what is no text, and control characters.
  [[nodiscard]] std::string text(std::string_view key);
  /// The same, but tabs and ends of lines are fine.
  [[nodiscard]] std::string text_of_lines(std::string_view key);
  /// As text(), but refuses what is absent or empty, unless the map itself was refused.
  [[nodiscard]] std::string required_text(std::string_view key);
  /// The same, but refuses what is longer than name_bytes_max, too.
  [[nodiscard]] std::string required_name(std::string_view key);
  /// The scalar at `key`, null if it is absent or refused as no scalar.
  [[nodiscard]] const node* scalar(std::string_view key);
  /// The list at `key`, empty if it is absent.
  [[nodiscard]] std::span<const node* const> list(std::string_view key);
  /// Whether the list at `key` is absent or empty; false if there is no list but something else.
  [[nodiscard]] bool has_no(std::string_view key) const;
  [[nodiscard]] boost::json::value json(std::string_view key, numbers style = numbers::meant);
  /// Where each "{{" of the strings in json(key) stands, in their order. Refuses more regular
  /// expressions than patterns_max.
  [[nodiscard]] std::vector<position> placeholders(std::string_view key);
  /// The map at `key`; if it is absent, an empty one at the place of this one.
  [[nodiscard]] object_reader object(std::string_view key);

  /// The texts in the list at `key`, empty for each that is refused as text() does; the message
  /// says which element it is.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  void refuse(errc code, position where, std::string_view message);

 private:
  // `label`: what messages call the value.
  bool expect(const node& value, node_kind kind, std::string_view label);
  std::string text_of(const node& value, std::string_view label,
                      std::string_view controls_allowed = {});

  const node& from_;
  position where_;
  bool is_map_;
  std::string subject_;
  load_context& load_;
};

}  // namespace engine::workflow::internal
