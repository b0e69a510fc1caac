// Candidate `floor`: the least work that the machine must do for the same answer.
//
// scan: every byte must be looked at, or it could be a brace; so memchr() passes from brace to
// brace. render, first_render, resolve, document: every byte of the result must be written, and
// read from somewhere: one copy of the result, as if it lay ready. compile: the text is
// searched as in scan, and copied, for the template outlives it. cache: the text is hashed, one
// slot of an index is touched, and the text compared with the one found there. regex: the text is
// read once, and the result, if it is a text, written. All of them assert the amount of their work.
// Memory is aligned as suits the processor best.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/templating/cache_input.h"
#include "bench/templating/corpus_input.h"
#include "bench/templating/document_input.h"
#include "bench/templating/regex_input.h"
#include "bench/templating/text_input.h"
#include "bench/templating/validate_input.h"
#include "subsystems/templating/kernels_internal.h"

namespace headroom::templating_bench::least {

inline constexpr std::string_view name = "floor";

/// Memory that begins with a cache line.
class aligned_bytes {
 public:
  explicit aligned_bytes(std::size_t size)
      : bytes_(new (std::align_val_t{64}) char[size + 1]()), size_(size) {}
  explicit aligned_bytes(std::string_view text) : aligned_bytes(text.size()) {
    std::memcpy(data(), text.data(), text.size());
  }

  [[nodiscard]] char* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view text() const { return {data(), size_}; }

 private:
  struct release {
    void operator()(char* each) const { operator delete[](each, std::align_val_t{64}); }
  };

  std::unique_ptr<char[], release> bytes_;
  std::size_t size_;
};

/// The number of "{" in `text`.
inline std::size_t count_braces(std::string_view text) {
  std::size_t count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = static_cast<const char*>(
              std::memchr(at, '{', static_cast<std::size_t>(end - at)))) != nullptr) {
    ++count;
    ++at;
  }
  return count;
}

inline std::string check_braces(std::size_t found, const text_input& input) {
  return found == 2 * input.spans().size() ? "" : fmt::format("{} braces seen", found);
}

class scan {
 public:
  static constexpr std::string_view name = least::name;

  explicit scan(const text_input& input) : input_(input) {}

  void run() { found_ = count_braces(input_.text()); }

  [[nodiscard]] std::string check() const { return check_braces(found_, input_); }

 private:
  const text_input& input_;
  std::size_t found_ = 0;
};

class compile {
 public:
  static constexpr std::string_view name = least::name;

  explicit compile(const text_input& input) : input_(input), copy_(input.text().size()) {}

  void run() {
    found_ = count_braces(input_.text());
    std::memcpy(copy_.data(), input_.text().data(), copy_.size());
  }

  [[nodiscard]] std::string check() const {
    return copy_.text() == input_.text() ? check_braces(found_, input_) : "the text was not copied";
  }

 private:
  const text_input& input_;
  aligned_bytes copy_;
  std::size_t found_ = 0;
};

/// One copy of all that is to be written, by memcpy() or the engine's own loop, whichever is
/// faster.
class copy {
 public:
  static constexpr std::string_view name = least::name;

  explicit copy(std::string_view result)
      : ready_(result), written_(result.size()), by_library_(is_faster_by_library()) {}

  void run() {
    if (by_library_) {
      copy_by_library();
    } else {
      copy_by_kernel();
    }
  }

  [[nodiscard]] std::string check() const {
    return written_.text() == ready_.text() ? "" : "the result was not written";
  }

 private:
  void copy_by_library() { std::memcpy(written_.data(), ready_.data(), ready_.size()); }

  // The engine's loop for a text of one literal.
  void copy_by_kernel() {
    kernels_.gather({{}, ready_.data(), ready_.size(), nullptr, 0}, written_.data());
  }

  // By the fastest of some runs of each.
  bool is_faster_by_library() {
    using clock = std::chrono::steady_clock;
    const auto runs = std::max<std::size_t>(8, 200'000 / (ready_.size() + 20));
    const auto fastest = [&](auto copy_once) {
      clock::duration least = clock::duration::max();
      for (int round = 0; round < 20; ++round) {
        const clock::time_point start = clock::now();
        for (std::size_t run = 0; run < runs; ++run) {
          copy_once();
          asm volatile("" : : : "memory");
        }
        least = std::min(least, clock::now() - start);
      }
      return least;
    };
    return fastest([this] { copy_by_library(); }) <= fastest([this] { copy_by_kernel(); });
  }

  const engine::templating::internal::kernels& kernels_ =
      engine::templating::internal::best_kernels();
  aligned_bytes ready_;
  aligned_bytes written_;
  bool by_library_;
};

class render : public copy {
 public:
  explicit render(const text_input& input) : copy(input.output()) {}
};

using first_render = render;

/// A text without placeholders need not be copied, but it must be searched.
class resolve {
 public:
  static constexpr std::string_view name = least::name;

  explicit resolve(const text_input& input) : input_(input), copy_(input.output()) {}

  void run() {
    if (input_.spans().empty()) {
      found_ = count_braces(input_.text());
    } else {
      copy_.run();
    }
  }

  [[nodiscard]] std::string check() const {
    return input_.spans().empty() ? check_braces(found_, input_) : copy_.check();
  }

 private:
  const text_input& input_;
  copy copy_;
  std::size_t found_ = 0;
};

class document : public copy {
 public:
  explicit document(const document_input& input) : copy(input.output()) {}
};

class corpus {
 public:
  static constexpr std::string_view name = least::name;

  explicit corpus(const corpus_input& input) {
    for (const std::string& each : input.outputs()) {
      copies_.emplace_back(each);
    }
  }

  void run() {
    for (copy& each : copies_) {
      each.run();
    }
  }

  [[nodiscard]] std::string check() const {
    const bool complete = std::all_of(copies_.begin(), copies_.end(),
                                      [](const copy& each) { return each.check().empty(); });
    return complete ? "" : "a result was not written";
  }

 private:
  std::vector<copy> copies_;
};

class cache {
 public:
  static constexpr std::string_view name = least::name;
  static constexpr std::uint64_t batch = lookups::new_every;

  explicit cache(const cache_input& input) : texts_(input), slots_(slots_count) {
    for (const std::string& each : input.texts()) {
      slots_[text_hash{}(each) % slots_count] = each;
    }
  }

  void run() {
    const std::string_view text = texts_.next();
    const std::string_view found = slots_[text_hash{}(text) % slots_count];
    equal_ +=
        found.size() == text.size() && std::memcmp(found.data(), text.data(), text.size()) == 0
            ? 1U
            : 0U;
    ++asked_;
  }

  /// Texts that share a slot are rare, and new ones are in none.
  [[nodiscard]] std::string check() const {
    return 10 * equal_ >= 9 * asked_ ? "" : fmt::format("{} of {} found", equal_, asked_);
  }

 private:
  static constexpr std::size_t slots_count = 65'536;

  lookups texts_;
  std::vector<std::string_view> slots_;
  std::size_t equal_ = 0;
  std::size_t asked_ = 0;
};

class validate {
 public:
  static constexpr std::string_view name = least::name;

  explicit validate(const validate_input& input)
      : input_(input), known_(std::size_t{input.references()} + 1, true) {
    for (const auto& each : input.sound().tasks) {
      const auto texts = texts_of(each);
      texts_.insert(texts_.end(), texts.begin(), texts.end());
    }
  }

  void run() {
    braces_ = 0;
    accepted_ = true;
    for (const std::string_view text : texts_) {
      braces_ += count_braces(text);
      accepted_ &= known_[braces_ / 2];
    }
  }

  [[nodiscard]] std::string check() const {
    return accepted_ && braces_ == 2 * std::size_t{input_.references()}
               ? ""
               : fmt::format("{} braces seen", braces_);
  }

 private:
  const validate_input& input_;
  std::vector<std::string_view> texts_;
  std::vector<bool> known_;
  std::size_t braces_ = 0;
  bool accepted_ = false;
};

class regex {
 public:
  static constexpr std::string_view name = least::name;

  explicit regex(const regex_input& input)
      : text_(input.text()), result_(input.with().empty() ? "" : input.expected()) {}

  void run() {
    unread_ = std::memchr(text_.data(), '\0', text_.size());
    result_.run();
  }

  [[nodiscard]] std::string check() const {
    return unread_ == nullptr ? result_.check() : "the text was not read to its end";
  }

 private:
  const std::string& text_;
  copy result_;
  const void* unread_ = nullptr;
};

}  // namespace headroom::templating_bench::least
