// What a user of a regular-expression library writes around it to fill templates.
//
// A matcher finds placeholders:
//   static constexpr std::string_view name;
//   template <class Visit> void for_each(std::string_view text, Visit&& visit);
// calls visit(begin, end) for each "{{" … "}}" without braces inside, from left to right. It is
// compiled once, and kept. The rest is the same for all: literals are appended in one piece,
// values are found by one hash of the path and appended, memory is used again.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/templating/corpus_input.h"
#include "bench/templating/document_input.h"
#include "bench/templating/hostile_input.h"
#include "bench/templating/text_input.h"

namespace headroom::templating_bench {

[[nodiscard]] inline std::string_view path_in(std::string_view placeholder) {
  placeholder.remove_prefix(2);
  placeholder.remove_suffix(2);
  while (!placeholder.empty() && placeholder.front() == ' ') {
    placeholder.remove_prefix(1);
  }
  while (!placeholder.empty() && placeholder.back() == ' ') {
    placeholder.remove_suffix(1);
  }
  return placeholder;
}

template <class Matcher>
struct substitution {
  /// `text` with all that `values` knows filled in, by way of `out`; itself, not copied, if there
  /// is nothing to fill in.
  static std::string_view fill(Matcher& matcher, std::string_view text, const flat_values& values,
                               std::string& out) {
    out.clear();
    std::size_t copied = 0;
    matcher.for_each(text, [&](std::size_t begin, std::size_t end) {
      const auto found = values.find(path_in(text.substr(begin, end - begin)));
      if (found != values.end()) {
        out.append(text.data() + copied, begin - copied);
        out.append(found->second);
        copied = end;
      }
    });
    if (copied == 0) {
      return text;
    }
    out.append(text.data() + copied, text.size() - copied);
    return out;
  }

  class scan {
   public:
    static constexpr std::string_view name = Matcher::name;

    explicit scan(const text_input& input) : text_(input.text()) {}

    void run() {
      found_.clear();
      matcher_.for_each(text_, [this](std::size_t begin, std::size_t end) {
        found_.push_back({begin, end});
      });
    }

    [[nodiscard]] const std::vector<span>& answer() const { return found_; }

   private:
    std::string_view text_;
    Matcher matcher_;
    std::vector<span> found_;
  };

  /// To an own copy of the text, and where its literals and paths are.
  class compile {
   public:
    static constexpr std::string_view name = Matcher::name;

    explicit compile(const text_input& input) : text_(input.text()), values_(input.values()) {}

    void run() {
      auto made = std::make_unique<pieces>();
      made->text = text_;
      matcher_.for_each(made->text, [&](std::size_t begin, std::size_t end) {
        made->placeholders.push_back({begin, end});
      });
      made_ = std::move(made);
    }

    [[nodiscard]] std::string answer() const {
      std::string out;
      std::size_t copied = 0;
      for (const span& each : made_->placeholders) {
        const std::string_view whole = made_->text;
        out.append(whole, copied, each.begin - copied);
        out.append(values_.find(path_in(whole.substr(each.begin, each.end - each.begin)))->second);
        copied = each.end;
      }
      return out.append(made_->text, copied);
    }

   private:
    struct pieces {
      std::string text;
      std::vector<span> placeholders;
    };

    std::string_view text_;
    const flat_values& values_;
    Matcher matcher_;
    std::unique_ptr<pieces> made_;
  };

  /// From a text to the result, in each run.
  class filling {
   public:
    static constexpr std::string_view name = Matcher::name;

    filling(std::string_view text, const flat_values& values) : text_(text), values_(values) {}

    void run() { result_ = fill(matcher_, text_, values_, out_); }

    [[nodiscard]] std::string answer() const { return std::string(result_); }

   protected:
    /// The result in memory of its own, if it is the text itself.
    void own_result() {
      if (result_.data() == text_.data()) {
        out_ = result_;
        result_ = out_;
      }
    }

   private:
    std::string_view text_;
    const flat_values& values_;
    Matcher matcher_;
    std::string out_;
    std::string_view result_;
  };

  class resolve : public filling {
   public:
    explicit resolve(const text_input& input) : filling(input.text(), input.values()) {}
  };

  /// They have no compiled form; the result is a text of its own, as that of a compiled template
  /// is.
  class render : public resolve {
   public:
    using resolve::resolve;

    void run() {
      filling::run();
      this->own_result();
    }
  };

  /// The JSON text of a document, made once; values are escaped before.
  class document : public filling {
   public:
    explicit document(const document_input& input)
        : filling(input.text(), input.escaped_values()) {}
  };

  class hostile : public filling {
   public:
    explicit hostile(const hostile_input& input) : filling(input.text(), input.values()) {}

    [[nodiscard]] hostile_input::outcome answer() const {
      return {std::nullopt, filling::answer()};
    }
  };

  /// All texts of a corpus, one after the other.
  class corpus {
   public:
    static constexpr std::string_view name = Matcher::name;

    explicit corpus(const corpus_input& input)
        : texts_(input.texts()), values_(input.values()), outputs_(texts_.size()) {}

    // Every one has something to fill in.
    void run() {
      for (std::size_t at = 0; at < texts_.size(); ++at) {
        fill(matcher_, texts_[at], values_, outputs_[at]);
      }
    }

    [[nodiscard]] const std::vector<std::string>& answer() const { return outputs_; }

   private:
    const std::vector<std::string>& texts_;
    const flat_values& values_;
    Matcher matcher_;
    std::vector<std::string> outputs_;
  };
};

}  // namespace headroom::templating_bench
