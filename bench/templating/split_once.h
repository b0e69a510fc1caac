// Candidate `split_once`: what a careful user writes without a template library. The text is split
// at its placeholders beforehand; a run appends the pieces to a string with room for them.
//
// For render and document, the values are looked up beforehand as well, and referred to; for
// first_render, each is looked up by one hash of its path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/templating/document_input.h"
#include "bench/templating/re2.h"
#include "bench/templating/substitution.h"
#include "bench/templating/text_input.h"

namespace headroom::templating_bench::split_once {

inline constexpr std::string_view name = "split_once";

struct piece {
  std::string_view literal;
  std::string_view path;
  std::string_view value;  ///< bound beforehand
};

struct pieces {
  std::vector<piece> all;
  std::string_view last_literal;
};

inline pieces split(std::string_view text, const flat_values& values) {
  pieces made;
  std::size_t copied = 0;
  re2_matcher matcher;
  matcher.for_each(text, [&](std::size_t begin, std::size_t end) {
    const std::string_view path = path_in(text.substr(begin, end - begin));
    made.all.push_back({text.substr(copied, begin - copied), path, values.find(path)->second});
    copied = end;
  });
  made.last_literal = text.substr(copied);
  return made;
}

/// The pieces, one behind the other.
class gather {
 public:
  static constexpr std::string_view name = split_once::name;

  gather(std::string_view text, const flat_values& values) : pieces_(split(text, values)) {}

  void run() {
    out_.clear();
    for (const piece& each : pieces_.all) {
      out_.append(each.literal);
      out_.append(each.value);
    }
    out_.append(pieces_.last_literal);
  }

  [[nodiscard]] const std::string& answer() const { return out_; }

 private:
  pieces pieces_;
  std::string out_;
};

class render : public gather {
 public:
  explicit render(const text_input& input) : gather(input.text(), input.values()) {}
};

class document : public gather {
 public:
  explicit document(const document_input& input) : gather(input.text(), input.escaped_values()) {}
};

class first_render {
 public:
  static constexpr std::string_view name = split_once::name;

  explicit first_render(const text_input& input)
      : pieces_(split(input.text(), input.values())), values_(input.values()) {}

  void run() {
    out_.clear();
    for (const piece& each : pieces_.all) {
      out_.append(each.literal);
      out_.append(values_.find(each.path)->second);
    }
    out_.append(pieces_.last_literal);
  }

  [[nodiscard]] const std::string& answer() const { return out_; }

 private:
  pieces pieces_;
  const flat_values& values_;
  std::string out_;
};

}  // namespace headroom::templating_bench::split_once
