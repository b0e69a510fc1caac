#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "subsystems/templating/context_state_internal.h"
#include "subsystems/templating/render.h"

namespace engine::templating {

// One text on its way through the resolver.
class resolver::pass {
 public:
  pass(std::string_view text, const limits& bounds, internal::context_state& values,
       resolver& memory)
      : text_(text),
        at_(text.data()),
        end_(text.data() + text.size()),
        bounds_(bounds),
        values_(values),
        code_(values.code()),
        buffer_(memory.buffer_),
        memory_(memory) {}

  /// Whether there is a result.
  [[nodiscard]] bool run() {
    internal::placeholder_marks marks = code_.find_placeholder(at_, end_);
    if (marks.opening == end_) {
      return finish(text_);
    }
    used_ = static_cast<std::size_t>(marks.opening - at_);
    while (marks.opening != end_) {
      if (++placeholders_ > bounds_.placeholders_max) {
        return refuse(marks, {errc::too_many_placeholders,
                              {},
                              fmt::format("more than {} placeholders", bounds_.placeholders_max),
                              {}});
      }
      if (!append_remembered(marks) && !append_evaluated(marks)) {
        return false;
      }
      if (is_too_big_) {
        return refuse_size();
      }
      marks = code_.copy_to_placeholder(at_, end_, buffer_.data() + used_);
      used_ += static_cast<std::size_t>(marks.opening - at_);
    }
    return finish({buffer_.data() + begin_, used_ - begin_});
  }

  [[nodiscard]] std::string_view made() const { return made_; }

  /// Why there is no result. Where a placeholder is not well-formed, compile() fails before any
  /// value is looked up.
  [[nodiscard]] error refusal() const {
    if (!is_malformed_) {
      if (const result<compiled_template> compiled = compile(text_, bounds_); !compiled) {
        return compiled.error();
      }
    }
    return *refused_;
  }

 private:
  // A path that has been looked up before, as it is written.
  bool append_remembered(const internal::placeholder_marks& marks) {
    if (end_ - marks.stop < 2 || marks.stop[0] != '}' || marks.stop[1] != '}') {
      return false;
    }
    const internal::cell* const value =
        values_.remembered(internal::trimmed({marks.opening + 2, marks.stop}));
    if (value == nullptr) {
      return false;
    }
    at_ = marks.stop + 2;
    append(*value);
    return true;
  }

  bool append_evaluated(const internal::placeholder_marks& marks) {
    internal::parts& parts = cleared_parts();
    const auto opening = static_cast<std::size_t>(marks.opening - text_.data());
    const result<internal::parsed_placeholder> parsed =
        internal::parse_placeholder(text_, opening, bounds_, memory_.compiling_, parts);
    if (!parsed) {
      is_malformed_ = true;
      refused_ = parsed.error();
      return false;
    }
    const std::string_view inside = text_.substr(parsed->begin, parsed->size);
    const internal::text_arena::mark before = values_.now();
    const result<internal::cell> value = values_.evaluate(
        parsed->inside, parts, inside, internal::text_hash(inside), internal::slot_form::text);
    if (!value) {
      return refuse(marks, value.error());
    }
    at_ = text_.data() + parsed->end;
    append(*value);
    if (!parsed->inside.is_path()) {
      values_.rewind(before);  // Nothing finds the value again.
    }
    return true;
  }

  internal::parts& cleared_parts() {
    if (memory_.parts_ == nullptr) {
      memory_.parts_ = std::make_unique<internal::parts>();
    }
    internal::parts& parts = *memory_.parts_;
    parts.clear();
    if (!std::exchange(has_parsed_, true)) {
      parts.patterns = 0;
      memory_.compiling_ = pattern_budget(bounds_);
    }
    return parts;
  }

  void append(const internal::cell& value) {
    if (used_ - begin_ + value.size > bounds_.output_bytes_max) [[unlikely]] {
      is_too_big_ = true;
      return;
    }
    if (placeholders_ == 1) {
      begin_buffer(value.size);
    } else {
      make_room(value.size);
    }
    char* const to = buffer_.data() + used_;
    std::memcpy(to, value.head, internal::cell::head_bytes);
    if (value.size > internal::cell::head_bytes) {
      std::memcpy(to, value.data, value.size);
    }
    used_ += value.size;
  }

  // Copies the first literal, now that something is known to follow it.
  //
  // Processors take a load for dependent on a store in flight if the low 12 bits of their addresses
  // are the same. Written this far behind where it is read, modulo 4,096, the text is safe from
  // that.
  void begin_buffer(std::size_t further) {
    if (is_in_buffer()) [[unlikely]] {
      buffer_.swap(memory_.previous_);
    }
    constexpr std::uintptr_t distance = 1'024;
    constexpr std::uintptr_t lines = 4'096 - 64;
    make_room(further + 4'096);
    const auto from = reinterpret_cast<std::uintptr_t>(text_.data());
    const auto to = reinterpret_cast<std::uintptr_t>(buffer_.data());
    begin_ = (from - distance - to) & lines;
    if (used_ > 0) {
      std::memcpy(buffer_.data() + begin_, text_.data(), used_);
    }
    used_ += begin_;
  }

  [[nodiscard]] bool is_in_buffer() const {
    const auto text = reinterpret_cast<std::uintptr_t>(text_.data());
    return text - reinterpret_cast<std::uintptr_t>(buffer_.data()) < buffer_.size();
  }

  // For so many bytes, and all of the text that is left.
  void make_room(std::size_t size) {
    const std::size_t wanted =
        used_ + size + static_cast<std::size_t>(end_ - at_) + internal::slack_bytes;
    if (wanted > buffer_.size()) {
      buffer_.resize(2 * wanted);
    }
  }

  bool refuse(const internal::placeholder_marks& marks, error problem) {
    problem.where = position_of(text_, static_cast<std::size_t>(marks.opening - text_.data()));
    refused_ = std::move(problem);
    return false;
  }

  bool refuse_size() {
    refused_ = error{errc::output_too_big,
                     {},
                     fmt::format("the result is longer than {} bytes", bounds_.output_bytes_max),
                     {}};
    return false;
  }

  bool finish(std::string_view made) {
    made_ = made;
    return made.size() <= bounds_.output_bytes_max || refuse_size();
  }

  std::string_view text_;
  const char* at_;  // where the text goes on that is not copied yet
  const char* end_;
  const limits& bounds_;
  internal::context_state& values_;
  const internal::kernels& code_;
  std::vector<char>& buffer_;
  resolver& memory_;
  std::size_t begin_ = 0;  // of the result in the buffer
  std::size_t used_ = 0;   // its end; at first, how much literal text it begins with
  std::uint32_t placeholders_ = 0;
  std::string_view made_;
  bool has_parsed_ = false;
  bool is_too_big_ = false;
  bool is_malformed_ = false;
  std::optional<error> refused_;
};

resolver::resolver(const limits& bounds) : bounds_(bounds) {}
resolver::resolver(resolver&&) noexcept = default;
resolver& resolver::operator=(resolver&&) noexcept = default;
resolver::~resolver() = default;

result<std::string_view> resolver::resolve(std::string_view text, context& values) {
  if (text.size() > bounds_.template_bytes_max) {
    return error{errc::template_too_big,
                 {},
                 fmt::format("the template is longer than {} bytes", bounds_.template_bytes_max),
                 {}};
  }
  values.state().begin_text();
  pass only(text, bounds_, values.state(), *this);
  if (only.run()) [[likely]] {
    return only.made();
  }
  return only.refusal();
}

}  // namespace engine::templating
