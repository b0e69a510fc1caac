#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>
#include <yaml-cpp/mark.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/workflow/placeholders_internal.h"
#include "subsystems/workflow/tree_builder_internal.h"
#include "subsystems/workflow/yaml_problem_internal.h"

namespace engine::workflow::internal {
namespace {

using support::in_quotes;
using support::is_utf8;

// As yaml-cpp reports them: a plain and a quoted scalar without a tag, and the core schema's tags.
constexpr std::string_view tag_plain = "?";
constexpr std::string_view tag_quoted = "!";
constexpr std::string_view tag_text = "tag:yaml.org,2002:str";
constexpr std::array<std::string_view, 3> tags_plain = {
    "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool"};
constexpr std::string_view tag_sequence = "tag:yaml.org,2002:seq";
constexpr std::string_view tag_map = "tag:yaml.org,2002:map";

constexpr std::string_view merge_key = "<<";

[[noreturn]] void refuse(errc code, position where, std::string message) {
  throw tree_builder::refusal{code, where, std::move(message)};
}

// Of syntax, where the parser has noticed something; its cause may be a quote or a bracket before.
[[noreturn]] void suspect(position where, std::string message) {
  throw tree_builder::refusal{errc::bad_syntax, where, std::move(message), true};
}

[[noreturn]] void refuse_tag(const std::string& tag, position where) {
  refuse(errc::unsupported_syntax, where, fmt::format("tag {} is not supported", in_quotes(tag)));
}

// Whether the scalar's text says what it means, rather than being text.
bool is_plain(const std::string& tag, position where) {
  if (tag == tag_plain ||
      std::find(tags_plain.begin(), tags_plain.end(), tag) != tags_plain.end()) {
    return true;
  }
  if (tag != tag_quoted && tag != tag_text) {
    refuse_tag(tag, where);
  }
  return false;
}

}  // namespace

position position_of(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// The parser takes whatever follows a complete value for another document, and may report it
// without getting past it.
void tree_builder::OnDocumentStart(const YAML::Mark& mark) {
  const std::size_t at = std::min(static_cast<std::size_t>(mark.pos), text_.size());
  const bool announced =
      text_.substr(at).starts_with("---") ||
      text_.substr(document_at_, at - document_at_).find("\n...") != std::string_view::npos;
  if (!out_.roots.empty() && !announced) {
    suspect(position_of(mark), "the end of the document is expected here");
  }
  if (out_.roots.size() >= bounds_.documents_max) {
    refuse(errc::too_many_documents, position_of(mark),
           fmt::format("more than {} documents", bounds_.documents_max));
  }
  document_at_ = at;
  anchors_.clear();
}

void tree_builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const position where = position_of(mark);
  if (awaits_key()) {
    refuse(errc::unsupported_syntax, where, "a key must be text");
  }
  if (awaits_value() && open_.back().collection->members.back().where == where) {
    // The parser takes the start of what is cut short for a key, and reports the key's own place as
    // its value's.
    suspect(where, "\":\" is missing behind this");
  }
  const node& added = add(node_kind::null, where);
  remember(anchor, {&added, {.nodes = 1, .bytes = 0, .height = 1}});
}

void tree_builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                            const std::string& value) {
  const position where = position_of(mark);
  const bool plain = is_plain(tag, where);
  if (!is_utf8(value)) {
    refuse(errc::unsupported_syntax, where, "the escapes \\N and \\_ are not supported");
  }
  if (awaits_key()) {
    if (anchor != 0) {
      refuse(errc::unsupported_syntax, where, "an anchor on a key is not supported");
    }
    if (plain && value == merge_key) {
      refuse(errc::unsupported_syntax, where, "merge keys (<<) are not supported");
    }
    if (plain) {
      refuse_odd_space(value, mark);
    }
    return take_key(value, where);
  }
  node& added = add(node_kind::scalar, where);
  added.plain = plain;
  added.text = value;
  added.placeholders = opening_positions(text_, static_cast<std::size_t>(mark.pos), where, value);
  total_.bytes += value.size();
  remember(anchor, {&added, {.nodes = 1, .bytes = value.size(), .height = 1}});
}

void tree_builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const position where = position_of(mark);
  if (anchor > anchors_.size() || anchors_[anchor - 1].target == nullptr) {
    refuse(errc::unsupported_syntax, where, "the alias stands for a value that contains it");
  }
  const auto [target, size] = anchors_[anchor - 1];
  total_.bytes += size.bytes;
  if (total_.bytes > bounds_.bytes_max) {
    refuse(errc::too_big, where,
           fmt::format("with its aliases replaced, the text is longer than {} bytes",
                       bounds_.bytes_max));
  }
  if (!awaits_key()) {
    return attach(*target, size, where);
  }
  if (target->kind != node_kind::scalar) {
    refuse(errc::unsupported_syntax, where, "a key must be text");
  }
  take_key(target->text, where);
}

void tree_builder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                   YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) {
  if (tag != tag_plain && tag != tag_quoted && tag != tag_sequence) {
    refuse_tag(tag, position_of(mark));
  }
  open(node_kind::sequence, mark, anchor);
}

void tree_builder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value /*style*/) {
  if (tag != tag_plain && tag != tag_quoted && tag != tag_map) {
    refuse_tag(tag, position_of(mark));
  }
  open(node_kind::map, mark, anchor);
}

void tree_builder::OnMapEnd() {
  refuse_duplicate_keys(*open_.back().collection);
  close();
}

bool tree_builder::awaits_key() const {
  return !open_.empty() && open_.back().collection->kind == node_kind::map && !awaits_value();
}

bool tree_builder::awaits_value() const {
  if (open_.empty() || open_.back().collection->members.empty()) {
    return false;
  }
  return open_.back().collection->members.back().value == nullptr;
}

void tree_builder::take_key(std::string key, position where) {
  total_.bytes += key.size();
  open_.back().collection->members.push_back({std::move(key), where, nullptr});
}

// To the parser a no-break space is a letter like any other, so that a line which is indented by it
// would have a key that nobody sees the name of.
void tree_builder::refuse_odd_space(const std::string& key, const YAML::Mark& mark) const {
  const bool may_be_odd = static_cast<unsigned char>(key[0]) >= 0x80 || key[0] == '-';
  if (!may_be_odd) {
    return;
  }
  if (std::optional<yaml_problem> odd = find_odd_space(text_, static_cast<std::size_t>(mark.pos))) {
    refuse(errc::bad_syntax, odd->where, std::move(odd->message));
  }
}

node& tree_builder::add(node_kind kind, position where) {
  node& added = out_.nodes.emplace_back();
  added.kind = kind;
  added.where = where;
  attach(added, {.nodes = 1, .bytes = 0, .height = 1}, where);
  return added;
}

void tree_builder::attach(const node& child, const extent& size, position where) {
  total_.nodes += size.nodes;
  if (total_.nodes > bounds_.nodes_max) {
    refuse(errc::too_many_nodes, where, fmt::format("more than {} values", bounds_.nodes_max));
  }
  if (open_.size() + size.height > bounds_.depth_max) {
    refuse(errc::too_deep, where, fmt::format("nested deeper than {}", bounds_.depth_max));
  }
  if (open_.empty()) {
    out_.roots.push_back(&child);
    return;
  }
  open_.back().height = std::max(open_.back().height, size.height + 1);
  node& parent = *open_.back().collection;
  if (parent.kind == node_kind::map) {
    parent.members.back().value = &child;
  } else {
    parent.items.push_back(&child);
  }
}

void tree_builder::open(node_kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
  const position where = position_of(mark);
  if (awaits_key()) {
    if (const auto at = static_cast<std::size_t>(mark.pos);
        at > 0 && text_.substr(at - 1).starts_with("{{")) {
      refuse(errc::bad_syntax, {where.line, where.column - 1},
             "a text that begins with \"{{\" must stand in quotes");
    }
    // The parser also takes a bracket that is never closed for the start of a key.
    suspect(where, "a key must be text");
  }
  const extent before = total_;
  node& added = add(kind, where);
  remember(anchor, {});
  open_.push_back({&added, anchor, before});
}

void tree_builder::close() {
  assert(!open_.empty() && "the parser closes what it opened");
  const open_collection closed = open_.back();
  open_.pop_back();
  if (!open_.empty()) {
    open_.back().height = std::max(open_.back().height, closed.height + 1);
  }
  const extent size = {.nodes = total_.nodes - closed.before.nodes,
                       .bytes = total_.bytes - closed.before.bytes,
                       .height = closed.height};
  remember(closed.anchor, {closed.collection, size});
}

void tree_builder::remember(YAML::anchor_t anchor, const anchored& value) {
  if (anchor == 0) {
    return;
  }
  if (anchors_.size() < anchor) {
    anchors_.resize(anchor);
  }
  anchors_[anchor - 1] = value;
}

void tree_builder::refuse_duplicate_keys(const node& map) {
  keys_.clear();
  for (std::size_t index = 0; index < map.members.size(); ++index) {
    keys_.emplace_back(map.members[index].key, index);
  }
  std::sort(keys_.begin(), keys_.end());
  const auto same_key = [](const auto& left, const auto& right) {
    return left.first == right.first;
  };
  const auto twice = std::adjacent_find(keys_.begin(), keys_.end(), same_key);
  if (twice == keys_.end()) {
    return;
  }
  const member& first = map.members[twice->second];
  refuse(errc::duplicate_key, map.members[std::next(twice)->second].where,
         fmt::format("key {} is given twice, first in line {}", in_quotes(first.key),
                     first.where.line));
}

}  // namespace engine::workflow::internal
