// Candidate `engine`: ours, as a user calls it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/templating/cache_input.h"
#include "bench/templating/corpus_input.h"
#include "bench/templating/document_input.h"
#include "bench/templating/hostile_input.h"
#include "bench/templating/regex_input.h"
#include "bench/templating/text_input.h"
#include "bench/templating/validate_input.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/pattern.h"
#include "subsystems/templating/render.h"
#include "subsystems/templating/scanner.h"
#include "subsystems/workflow/references.h"

namespace headroom::templating_bench::ours {

inline constexpr std::string_view name = "engine";

namespace templating = engine::templating;

[[nodiscard]] inline templating::context context_of(const boost::json::value& document) {
  templating::context made;
  made.set("", document);
  return made;
}

class scan {
 public:
  static constexpr std::string_view name = ours::name;

  explicit scan(const text_input& input) : text_(input.text()) {}

  void run() {
    found_.clear();
    templating::scanner scanned(text_);
    for (span each{}; scanned.next(each);) {
      found_.push_back(each);
    }
  }

  [[nodiscard]] const std::vector<span>& answer() const { return found_; }

 private:
  std::string_view text_;
  std::vector<span> found_;
};

class compile {
 public:
  static constexpr std::string_view name = ours::name;

  explicit compile(const text_input& input)
      : text_(input.text()), values_(context_of(input.document())) {}

  void run() { compiled_ = *templating::compile(text_); }

  [[nodiscard]] std::string answer() { return templating::render(*compiled_, values_).value(); }
  [[nodiscard]] std::vector<counter> counters() const {
    return {{"template_bytes", static_cast<double>(compiled_->bytes())}};
  }

 private:
  std::string_view text_;
  templating::context values_;
  std::optional<templating::compiled_template> compiled_;
};

/// Of a compiled template, in a context whose values it has used before.
class rendering {
 public:
  static constexpr std::string_view name = ours::name;

  rendering(templating::compiled_template compiled, const boost::json::value& values)
      : compiled_(std::move(compiled)), values_(context_of(values)) {}

  void run() { rendered_ = templating::render(compiled_, values_, out_).has_value(); }

  [[nodiscard]] std::string answer() const { return rendered_ ? out_ : "refused"; }

 protected:
  void forget() { values_.forget(); }

 private:
  templating::compiled_template compiled_;
  templating::context values_;
  std::string out_;
  bool rendered_ = false;
};

class render : public rendering {
 public:
  explicit render(const text_input& input)
      : rendering(templating::compile(input.text()).value(), input.document()) {}
};

/// The same, but in a context that has forgotten all it knew.
class first_render : public render {
 public:
  using render::render;

  void run() {
    forget();
    render::run();
  }
};

class document : public rendering {
 public:
  explicit document(const document_input& input)
      : rendering(templating::compile_document(input.document()).value(), input.values()) {}
};

/// Of a text never compiled, in a context that knows the paths.
class resolve {
 public:
  static constexpr std::string_view name = ours::name;

  explicit resolve(const text_input& input)
      : text_(input.text()), values_(context_of(input.document())) {}

  void run() {
    const auto resolved = resolver_.resolve(text_, values_);
    out_ = resolved ? *resolved : std::string_view("refused");
  }

  [[nodiscard]] std::string answer() const { return std::string(out_); }

 private:
  std::string_view text_;
  templating::context values_;
  templating::resolver resolver_;
  std::string_view out_;
};

/// Refuses what is not well-formed, and fills in the rest. Its limits are out of the way.
class hostile {
 public:
  static constexpr std::string_view name = ours::name;

  explicit hostile(const hostile_input& input)
      : text_(input.text()), values_(context_of(input.document())) {}

  void run() {
    const auto resolved = resolver_.resolve(text_, values_);
    refusal_ = resolved ? std::nullopt : std::optional(resolved.error().code);
    out_ = resolved ? *resolved : std::string_view();
  }

  [[nodiscard]] hostile_input::outcome answer() const { return {refusal_, std::string(out_)}; }

 private:
  static constexpr std::size_t bytes_max = std::size_t{1} << 30U;

  std::string_view text_;
  templating::context values_;
  templating::resolver resolver_{{.template_bytes_max = bytes_max,
                                  .placeholders_max = ~std::uint32_t{0},
                                  .output_bytes_max = bytes_max}};
  std::string_view out_;
  std::optional<templating::errc> refusal_;
};

class corpus {
 public:
  static constexpr std::string_view name = ours::name;

  explicit corpus(const corpus_input& input) : texts_(input.texts()), outputs_(texts_.size()) {
    for (const corpus_input::value_at& each : input.documents()) {
      values_.set(each.path, each.value);
    }
  }

  void run() {
    for (std::size_t at = 0; at < texts_.size(); ++at) {
      const auto resolved = resolver_.resolve(texts_[at], values_);
      outputs_[at] = resolved ? *resolved : std::string_view("refused");
    }
  }

  [[nodiscard]] const std::vector<std::string>& answer() const { return outputs_; }

 private:
  const std::vector<std::string>& texts_;
  templating::context values_;
  templating::resolver resolver_;
  std::vector<std::string> outputs_;
};

/// The same texts, compiled before.
class corpus_render {
 public:
  static constexpr std::string_view name = ours::name;

  explicit corpus_render(const corpus_input& input)
      : values_({.templates_max = input.texts().size()}), outputs_(input.texts().size()) {
    for (const corpus_input::value_at& each : input.documents()) {
      values_.set(each.path, each.value);
    }
    for (const std::string& each : input.texts()) {
      compiled_.push_back(templating::compile(each).value());
    }
  }

  void run() {
    for (std::size_t at = 0; at < compiled_.size(); ++at) {
      if (!templating::render(compiled_[at], values_, outputs_[at])) {
        outputs_[at] = "refused";
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& answer() const { return outputs_; }

 private:
  templating::context values_;
  std::vector<templating::compiled_template> compiled_;
  std::vector<std::string> outputs_;
};

class cache {
 public:
  static constexpr std::string_view name = ours::name;
  static constexpr std::uint64_t batch = lookups::new_every;

  explicit cache(const cache_input& input) : client_(input.shared().engine), texts_(input) {}

  void run() { found_ = *client_.get(texts_.next()); }

  [[nodiscard]] cache_input::tally answer() {
    cache_input::tally counted{0, 2 * lookups::new_every};
    for (std::size_t at = 0; at < counted.asked; ++at) {
      const std::string_view text = texts_.next();
      const auto found = client_.get(text);
      counted.right += found && (*found)->source() == text ? 1U : 0U;
    }
    return counted;
  }

 private:
  templating::template_cache::client client_;
  lookups texts_;
  const templating::compiled_template* found_ = nullptr;
};

/// The references of a definition whose graph is built.
class validate {
 public:
  static constexpr std::string_view name = ours::name;

  explicit validate(const validate_input& input) : input_(input) {}

  void run() { sound_accepted_ = accepts(input_.sound()); }

  [[nodiscard]] validate_input::verdicts answer() const {
    return {sound_accepted_, accepts(input_.broken())};
  }

 private:
  [[nodiscard]] bool accepts(const engine::workflow::definition& checked) const {
    return engine::workflow::check_references(checked, input_.graph()).has_value();
  }

  const validate_input& input_;
  bool sound_accepted_ = false;
};

/// With its pattern compiled before, as filters and parameters hold it.
class regex {
 public:
  static constexpr std::string_view name = ours::name;

  explicit regex(const regex_input& input)
      : text_(input.text()),
        with_(input.with()),
        pattern_(templating::pattern::compile(input.expression()).value()) {}

  void run() {
    if (with_.empty()) {
      matches_ = pattern_.matches(text_);
    } else {
      replaced_ = *pattern_.replace(text_, with_, bytes_max);
    }
  }

  [[nodiscard]] std::string answer() const {
    return !with_.empty() ? replaced_ : matches_ ? "true" : "false";
  }

 private:
  static constexpr std::size_t bytes_max = std::size_t{1} << 20U;

  std::string_view text_;
  std::string_view with_;
  templating::pattern pattern_;
  bool matches_ = false;
  std::string replaced_;
};

}  // namespace headroom::templating_bench::ours
