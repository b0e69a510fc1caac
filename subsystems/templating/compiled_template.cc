#include "subsystems/templating/compiled_template.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "subsystems/templating/json_text_internal.h"
#include "subsystems/templating/placeholder_end_internal.h"
#include "subsystems/templating/program_internal.h"
#include "subsystems/templating/slot_table_internal.h"
#include "subsystems/templating/text_hash_internal.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

using internal::parsed_placeholder;
using internal::program;
using internal::slot;
using internal::slot_form;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// Offsets have 32 bits.
std::size_t bytes_max(const limits& bounds) {
  return std::min(bounds.template_bytes_max, std::size_t{1} << 31U);
}

error too_big(std::size_t bytes_max) {
  return {.code = errc::template_too_big,
          .where = {},
          .message = fmt::format("the template is longer than {} bytes", bytes_max),
          .pointer = {}};
}

// Takes texts and placeholders in order, and makes the program of them.
class assembler {
 public:
  explicit assembler(const limits& bounds)
      : bounds_(bounds), compiling_(bounds), made_(std::make_shared<program>()) {
    internal::settle_seed();
    made_->id = next_id();
    // Enough for most texts at once.
    made_->sources.reserve(1);
    made_->records.reserve(8);
    made_->slots.reserve(4);
    made_->parts.steps.reserve(12);
  }

  program& made() { return *made_; }
  std::string& literals() { return made_->literals; }

  void add_source(std::string_view text, std::uint32_t place) {
    made_->sources.push_back(std::make_unique<const internal::source_text>(
        internal::source_text{std::string(text), place}));
  }

  // The literal text and the placeholders of the last source. With `escaped`, it stands inside a
  // JSON string; `form` is what its values become.
  result<void> add_text(bool escaped, slot_form form) {
    const std::string_view text = made_->sources.back()->text;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* at = begin;
    for (;;) {
      const auto marks = internal::best_kernels().find_placeholder(at, end);
      add_literal({at, static_cast<std::size_t>(marks.opening - at)}, escaped);
      if (marks.opening == end) {
        return {};
      }
      const result<std::size_t> next = add_placeholder(text, marks, form);
      if (!next) {
        return next.error();
      }
      at = begin + *next;
    }
  }

  void add_literal(std::string_view text, bool escaped) {
    if (escaped) {
      internal::append_escaped(text, literals());
    } else {
      literals() += text;
    }
  }

  std::shared_ptr<const program> finish() {
    made_->literal_bytes = literals().size();
    made_->last_literal_size = literals().size() - recorded_;
    literals().append(internal::slack_bytes, '\0');
    return std::move(made_);
  }

 private:
  // Returns where the text goes on.
  result<std::size_t> add_placeholder(std::string_view text,
                                      const internal::placeholder_marks& marks, slot_form form) {
    const auto opening = static_cast<std::size_t>(marks.opening - text.data());
    const std::string_view rest(marks.stop, text.data() + text.size());
    if (++placeholders_ > bounds_.placeholders_max) {
      return error{errc::too_many_placeholders, position_of(text, opening),
                   fmt::format("more than {} placeholders", bounds_.placeholders_max), pointer()};
    }
    std::optional<std::uint64_t> unknown;  // the hash of the expression, once it is known to be new
    if (rest.starts_with("}}")) {          // Mentioned before, most often.
      const std::string_view inside = internal::trimmed({marks.opening + 2, marks.stop});
      const std::uint64_t hash = internal::text_hash(inside);
      if (const auto known = slots_.find(made_->slots, hash, inside, form)) {
        add_record(*known);
        return opening + 2 + static_cast<std::size_t>(marks.stop - marks.opening);
      }
      unknown = hash;
    }
    result<parsed_placeholder> parsed =
        internal::parse_placeholder(text, opening, bounds_, compiling_, made_->parts);
    if (!parsed) {
      error refusal = std::move(parsed).error();
      refusal.pointer = pointer();
      return refusal;
    }
    if (parsed->inside.is_constant() && is_constant(parsed->inside)) {
      add_constant(parsed->inside, form);
    } else {
      add_slot({parsed->inside, 0, text.substr(parsed->begin, parsed->size), 0,
                static_cast<std::uint32_t>(opening), form},
               unknown);
    }
    return parsed->end;
  }

  // Of the last source.
  [[nodiscard]] std::string pointer() const {
    return made_->places.pointer(made_->sources.back()->place);
  }

  [[nodiscard]] bool is_constant(const internal::expression& inside) const {
    return inside.filters(made_->parts).front().kind == internal::filter_kind::constant;
  }

  void add_constant(const internal::expression& inside, slot_form form) {
    const auto& text = inside.filters(made_->parts).front().argument.get_string();
    if (form == slot_form::json_value) {
      internal::append_quoted(text, literals());
    } else {
      add_literal(text, form == slot_form::json_string);
    }
  }

  // `unknown`: its hash, if no slot is like it.
  void add_slot(slot added, std::optional<std::uint64_t> unknown) {
    added.hash = unknown ? *unknown : internal::text_hash(added.text);
    added.source = static_cast<std::uint32_t>(made_->sources.size() - 1);
    if (!unknown) {
      if (const auto known = slots_.find(made_->slots, added.hash, added.text, added.form)) {
        return add_record(*known);
      }
    }
    made_->slots.push_back(added);
    add_record(slots_.add_last(made_->slots));
  }

  void add_record(std::uint32_t slot) {
    made_->records.push_back({static_cast<std::uint32_t>(literals().size() - recorded_), slot});
    recorded_ = literals().size();
  }

  const limits& bounds_;
  pattern_budget compiling_;
  std::shared_ptr<program> made_;
  internal::slot_table slots_;
  std::size_t recorded_ = 0;
  std::uint32_t placeholders_ = 0;
};

// An array or object of which some is compiled.
struct open_value {
  const json::value* whole;
  std::size_t next = 0;
  std::uint32_t place = 0;  // once it has one; that of the document stays 0
};

// Walks a document without recursion.
class document_compiler {
 public:
  explicit document_compiler(const limits& bounds) : bounds_(bounds), assembler_(bounds) {
    assembler_.made().is_document = true;
  }

  result<std::shared_ptr<const program>> compile(const json::value& document) {
    const internal::text_bounds bounds{bounds_.value_depth_max, bytes_max(bounds_)};
    const result<void> written =
        internal::append_json(document, bounds, assembler_.made().document);
    if (!written) {
      return written.error().code == errc::output_too_big ? too_big(bytes_max(bounds_))
                                                          : written.error();
    }
    const json::value* next = &document;
    for (;;) {
      if (next->is_structured()) {
        assembler_.literals() += next->is_array() ? '[' : '{';
        open_.push_back({next});
      } else if (const result<void> added = add_scalar(*next); !added) {
        return added.error();
      }
      while (!open_.empty() && open_.back().next == size_of(*open_.back().whole)) {
        assembler_.literals() += open_.back().whole->is_array() ? ']' : '}';
        open_.pop_back();
      }
      if (open_.empty()) {
        return assembler_.finish();
      }
      next = &begin_member(open_.back());
    }
  }

 private:
  static std::size_t size_of(const json::value& collection) {
    return collection.is_array() ? collection.get_array().size() : collection.get_object().size();
  }

  const json::value& begin_member(open_value& within) {
    if (within.next > 0) {
      assembler_.literals() += ',';
    }
    if (within.whole->is_array()) {
      return within.whole->get_array()[within.next++];
    }
    const auto& member = within.whole->get_object().begin()[within.next++];
    internal::append_quoted(member.key(), assembler_.literals());
    assembler_.literals() += ':';
    return member.value();
  }

  // The place of the value at hand. What is around it has one, too, once it holds a template.
  std::uint32_t place() {
    std::uint32_t within = 0;
    for (std::size_t level = 1; level < open_.size(); ++level) {
      if (open_[level].place == 0) {
        open_[level].place = add_place(within, open_[level - 1]);
      }
      within = open_[level].place;
    }
    return open_.empty() ? 0 : add_place(within, open_.back());
  }

  // That of the last member of `whole` that was begun.
  std::uint32_t add_place(std::uint32_t within, const open_value& whole) {
    const std::size_t last = whole.next - 1;
    internal::document_places& places = assembler_.made().places;
    return whole.whole->is_array()
               ? places.add_element(within, static_cast<std::uint32_t>(last))
               : places.add_member(within, whole.whole->get_object().begin()[last].key());
  }

  result<void> add_scalar(const json::value& value) {
    if (!value.is_string()) {
      return internal::append_json(value, {1, ~std::size_t{0}}, assembler_.literals());
    }
    const std::string_view text = value.get_string();
    if (text.find("{{") == std::string_view::npos) {
      internal::append_quoted(text, assembler_.literals());
      return {};
    }
    assembler_.add_source(text, place());
    if (is_one_placeholder(text)) {
      return assembler_.add_text(false, slot_form::json_value);
    }
    assembler_.literals() += '"';
    result<void> added = assembler_.add_text(true, slot_form::json_string);
    assembler_.literals() += '"';
    return added;
  }

  static bool is_one_placeholder(std::string_view text) {
    if (!text.starts_with("{{")) {
      return false;
    }
    const internal::kernels& code = internal::best_kernels();
    const char* const end = text.data() + text.size();
    return internal::placeholder_end(code.find_stop(text.data() + 2, end), end, code) == end;
  }

  const limits& bounds_;
  assembler assembler_;
  std::vector<open_value> open_;
};

}  // namespace

namespace internal {

const program program_of_nothing{};

error program::at(const slot& of, error problem) const {
  problem.where = position_of(sources[of.source]->text, of.offset);
  problem.pointer = places.pointer(sources[of.source]->place);
  return problem;
}

}  // namespace internal

std::string_view compiled_template::source() const {
  if (program_->is_document) {
    return program_->document;
  }
  return program_->sources.empty() ? std::string_view() : program_->sources.front()->text;
}

bool compiled_template::is_document() const { return program_->is_document; }

std::uint32_t compiled_template::placeholder_count() const {
  return static_cast<std::uint32_t>(program_->records.size());
}

std::size_t compiled_template::bytes() const {
  std::size_t sum = sizeof(program) + program_->literals.capacity() + program_->document.capacity();
  for (const auto& each : program_->sources) {
    sum += sizeof(each) + sizeof(*each) + each->text.capacity();
  }
  sum += program_->places.bytes();
  sum += program_->records.capacity() * sizeof(internal::record);
  sum += program_->slots.capacity() * sizeof(slot);
  sum += program_->parts.steps.capacity() * sizeof(internal::step);
  sum += program_->parts.filters.capacity() * sizeof(internal::filter);
  for (const std::string& each : program_->parts.unescaped) {
    sum += sizeof(std::string) + each.capacity();
  }
  for (const internal::filter& each : program_->parts.filters) {
    sum += each.matcher ? each.matcher->bytes_max() : 0;
    sum += each.with.capacity();
    sum += each.argument.is_string() ? each.argument.get_string().capacity() : 0;
  }
  return sum;
}

result<compiled_template> compile(std::string_view text, const limits& bounds) {
  if (text.size() > bytes_max(bounds)) {
    return too_big(bytes_max(bounds));
  }
  assembler assembled(bounds);
  assembled.literals().reserve(text.size() + internal::slack_bytes);
  assembled.add_source(text, 0);
  const result<void> added = assembled.add_text(false, slot_form::text);
  if (!added) {
    return added.error();
  }
  return compiled_template(assembled.finish());
}

result<compiled_template> compile_document(const json::value& document, const limits& bounds) {
  result<std::shared_ptr<const program>> compiled = document_compiler(bounds).compile(document);
  if (!compiled) {
    return std::move(compiled).error();
  }
  return compiled_template(std::move(*compiled));
}

namespace {}  // namespace

}  // namespace engine::templating
