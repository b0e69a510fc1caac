#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/templating/context_state_internal.h"
#include "subsystems/templating/filters_internal.h"

namespace engine::templating::internal {
namespace {

using support::in_quotes;

namespace json = boost::json;

constexpr std::size_t bindings_max = std::size_t{1} << 20U;

// `text` outlives the cell, unless it is short.
cell make_cell(std::string_view text) {
  cell made{};
  const bool fits = text.size() <= cell::head_bytes;
  std::memcpy(made.head, text.data(), fits ? text.size() : cell::head_bytes);
  made.data = fits ? nullptr : text.data();
  made.size = text.size();
  return made;
}

// The member that the first of `path` names. A key with dots in it looks like several names: where
// there is no such member, so many are joined as make one; `taken` is how many.
const json::value* find_member(const json::object& within, std::span<const step> path,
                               std::size_t& taken) {
  taken = 1;
  if (const json::value* found = within.if_contains(path.front().name)) {
    return found;
  }
  if (path.front().kind != step_kind::name) {
    return nullptr;
  }
  std::string joined(path.front().name);
  for (; taken < path.size() && path[taken].kind == step_kind::name;) {
    joined += '.';
    joined += path[taken++].name;
    if (const json::value* found = within.if_contains(joined)) {
      return found;
    }
  }
  return nullptr;
}

// What `path` leads to from `from`, or null; and in `parent`, what the last of it was looked up in.
const json::value* find_below(const json::value* from, std::span<const step> path,
                              const json::value*& parent) {
  while (from != nullptr && !path.empty()) {
    std::size_t taken = 1;
    parent = from;
    if (path.front().kind == step_kind::index) {
      from = from->is_array() ? from->get_array().if_contains(path.front().index) : nullptr;
    } else {
      from = from->is_object() ? find_member(from->get_object(), path, taken) : nullptr;
    }
    parent = taken == 1 ? parent : nullptr;
    path = path.subspan(taken);
  }
  return from;
}

// What stands before the last name of a path that is written as names joined by dots; empty if it
// is written in another way.
std::string_view text_before(const step& last, std::string_view text) {
  const std::size_t size = last.name.size() + 1;
  const bool is_joined = last.kind == step_kind::name && text.size() > size &&
                         text[text.size() - size] == '.' && text.ends_with(last.name);
  return is_joined ? text.substr(0, text.size() - size) : std::string_view();
}

error result_too_big(std::size_t bytes_max) {
  return {.code = errc::output_too_big,
          .where = {},
          .message = fmt::format("the result is longer than {} bytes", bytes_max),
          .pointer = {}};
}

// How many of the last records must be copied exactly, as too little follows them.
std::size_t cramped(const program& of, const std::vector<cell>& cells) {
  std::size_t following = of.last_literal_size;
  std::size_t count = 0;
  for (std::size_t at = of.records.size(); at > 0 && following < roomy_bytes; --at) {
    following += of.records[at - 1].literal_size + cells[of.records[at - 1].slot].size;
    ++count;
  }
  return count;
}

}  // namespace

context_state::context_state(const context::options& chosen)
    : options_(chosen),
      bindings_(std::bit_ceil(std::clamp<std::size_t>(chosen.templates_max, 1, bindings_max))),
      binding_mask_(bindings_.size() - 1) {
  settle_seed();
}

void context_state::set(std::string_view path, const json::value& document) {
  if (path.empty()) {
    whole_ = &document;
  } else {
    documents_[text_hash(path)].insert_or_assign(std::string(path), &document);
    const auto dots = static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
    document_steps_max_ = std::max(document_steps_max_, dots + 1);
  }
  forget();
}

void context_state::unset(std::string_view path) {
  if (path.empty()) {
    whole_ = nullptr;
  } else if (const auto alike = documents_.find(text_hash(path)); alike != documents_.end()) {
    if (const auto found = alike->second.find(path); found != alike->second.end()) {
      alike->second.erase(found);
    }
    if (alike->second.empty()) {
      documents_.erase(alike);
    }
  }
  forget();
}

void context_state::forget() {
  ++age_;
  paths_.clear();
  texts_.clear();
  parent_ = nullptr;
}

void context_state::begin_text() {
  filter_budget_ = filter_budget(options_.bounds);
  if (paths_.size() >= options_.paths_max || texts_.bytes() > options_.text_bytes_max) {
    forget();
  }
}

const json::value* context_state::find(std::span<const step> path, std::string_view text) {
  // Neighbours are often looked up one after the other. Where no document lies at the whole path,
  // the same documents come into question for all of them.
  const std::string_view before = text_before(path.back(), text);
  if (parent_ != nullptr && before == parent_text_ && path.size() > document_steps_max_) {
    if (const json::value* found = parent_->get_object().if_contains(path.back().name)) {
      return found;
    }
  }
  const json::value* parent = nullptr;
  const json::value* const found = find_in_documents(path, parent);
  if (found != nullptr && parent != nullptr && parent->is_object() && !before.empty()) {
    parent_text_ = texts_.keep(before);  // First, as it may throw.
    parent_ = parent;
  }
  return found;
}

const json::value* context_state::document_at(std::string_view path) const {
  const auto alike = documents_.find(text_hash(path));
  if (alike == documents_.end()) {
    return nullptr;
  }
  const auto found = alike->second.find(path);
  return found == alike->second.end() ? nullptr : found->second;
}

const json::value* context_state::find_in_documents(std::span<const step> path,
                                                    const json::value*& parent) {
  const json::value* found = find_below(whole_, path, parent);
  // Other documents lie at paths of names; the text of the first so many steps grows with them.
  scratch_.clear();
  for (std::size_t steps = 1; steps <= std::min(path.size(), document_steps_max_); ++steps) {
    if (path[steps - 1].kind == step_kind::index) {
      break;
    }
    scratch_ += steps > 1 ? "." : "";
    scratch_ += path[steps - 1].name;
    if (scratch_.empty()) {
      continue;  // The empty key is not the empty path.
    }
    if (const json::value* const document = document_at(scratch_)) {
      const json::value* parent_below = nullptr;
      const json::value* const below = find_below(document, path.subspan(steps), parent_below);
      found = below != nullptr ? below : found;
      // A document that has no such value may have the neighbours of it.
      parent = below != nullptr ? parent_below : nullptr;
    }
  }
  return found;
}

cell context_state::keep(std::string_view text) {
  return make_cell(text.size() <= cell::head_bytes ? text : texts_.keep(text));
}

result<cell> context_state::in_form(const json::value& value, const cell& as_text, slot_form form) {
  const bool is_text = value.is_string();
  if (form == slot_form::text || (!is_text && form == slot_form::json_value)) {
    return as_text;
  }
  const std::string_view text = as_text.text();
  const char* const end = text.data() + text.size();
  if (form == slot_form::json_string && code().find_escape(text.data(), end) == end) {
    return as_text;
  }
  scratch_.clear();
  const std::size_t bytes_max = options_.bounds.output_bytes_max;
  const bool fits = form == slot_form::json_value ? append_quoted(text, bytes_max, scratch_)
                                                  : append_escaped(text, bytes_max, scratch_);
  return fits ? result<cell>(keep(scratch_)) : result_too_big(bytes_max);
}

result<const path_memory::entry*> context_state::remember(std::uint64_t hash, std::string_view text,
                                                          const json::value& value) {
  scratch_.clear();
  const result<std::string_view> found =
      text_of(value, rendering_bounds(options_.bounds), scratch_);
  if (!found) {
    return found.error();
  }
  // A document's own text stays where it is.
  const cell as_text = value.is_string() ? make_cell(*found) : keep(*found);
  return &paths_.add(hash, texts_.keep(text), value, as_text);
}

result<cell> context_state::unknown(std::string_view text, slot_form form) const {
  if (options_.lenient) {
    return make_cell(form == slot_form::json_value ? "null" : "");
  }
  return error{
      errc::unknown_reference, {}, fmt::format("unknown reference {}", in_quotes(text)), {}};
}

result<cell> context_state::evaluate(const expression& value, const parts& of,
                                     std::string_view text, std::uint64_t hash, slot_form form) {
  if (value.is_path()) {
    const path_memory::entry* entry = paths_.find(hash, text);
    if (entry == nullptr) {
      const json::value* const found = find(value.steps(of), text);
      if (found == nullptr) {
        return unknown(text, form);
      }
      const result<const path_memory::entry*> remembered = remember(hash, text, *found);
      if (!remembered) {
        return remembered.error();
      }
      entry = *remembered;
    }
    return in_form(*entry->value, entry->as_text, form);
  }
  operand filtered(value.step_count == 0 ? nullptr : find(value.steps(of), text));
  if (const result<void> applied =
          apply(value.filters(of), options_.bounds, filter_budget_, filtered);
      !applied) {
    return applied.error();
  }
  if (filtered.get() == nullptr) {
    return unknown(text, form);
  }
  // The operand may own its value: nothing may refer to that.
  scratch_.clear();
  const result<std::string_view> made =
      text_of(*filtered.get(), rendering_bounds(options_.bounds), scratch_);
  if (!made) {
    return made.error();
  }
  if (made->size() > options_.bounds.output_bytes_max) {
    return result_too_big(options_.bounds.output_bytes_max);
  }
  return in_form(*filtered.get(), keep(*made), form);
}

result<const binding*> context_state::bind(const compiled_template& which) {
  begin_text();
  const program& compiled = which.compiled();
  binding& made = bindings_[compiled.id & binding_mask_];
  made.age = 0;  // Until it is complete.
  made.cells.clear();
  made.cells.reserve(compiled.slots.size());
  std::size_t size = compiled.literal_bytes;
  for (const slot& each : compiled.slots) {
    result<cell> value = evaluate(each.value, compiled.parts, each.text, each.hash, each.form);
    if (!value) {
      return compiled.at(each, std::move(value).error());
    }
    // Each value stands somewhere: beyond the limit, no other need be looked at.
    size += value->size;
    if (size > options_.bounds.output_bytes_max) {
      return result_too_big(options_.bounds.output_bytes_max);
    }
    made.cells.push_back(*value);
  }
  made.size = compiled.literal_bytes;
  for (const record& each : compiled.records) {
    made.size += made.cells[each.slot].size;
  }
  if (made.size > options_.bounds.output_bytes_max) {
    return result_too_big(options_.bounds.output_bytes_max);
  }
  made.pieces = {compiled.records, compiled.literals.data(), compiled.last_literal_size,
                 made.cells.data(), compiled.records.size() - cramped(compiled, made.cells)};
  made.of = which;
  made.program_id = compiled.id;
  made.age = age_;
  return &made;
}

}  // namespace engine::templating::internal
