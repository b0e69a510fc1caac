#include "subsystems/templating/pattern.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <re2/re2.h>
#include <utility>

#include <fmt/format.h>

#include "subsystems/templating/quote.h"

namespace engine::templating {
namespace {

constexpr std::size_t groups_max = 10;  // \0 to \9

error refuse(errc code, std::string message) {
  return {.code = code, .where = {}, .message = std::move(message), .pointer = {}};
}

}  // namespace

result<pattern> pattern::compile(std::string_view expression, const limits& bounds) {
  if (expression.size() > bounds.pattern_bytes_max) {
    return refuse(errc::bad_pattern,
                  fmt::format("the pattern has {} bytes, more than the limit of {}",
                              expression.size(), bounds.pattern_bytes_max));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  // More than any machine has, but sums of it do not wrap.
  constexpr std::size_t memory_bytes_max = std::size_t{1} << 40U;
  options.set_max_mem(
      static_cast<std::int64_t>(std::min(bounds.pattern_memory_bytes_max, memory_bytes_max)));
  auto compiled = std::make_shared<const re2::RE2>(
      re2::StringPiece(expression.data(), expression.size()), options);
  if (!compiled->ok()) {
    return refuse(errc::bad_pattern,
                  fmt::format("pattern {}: {}", in_quotes(expression), excerpt(compiled->error())));
  }
  return pattern(std::move(compiled));
}

bool pattern::matches(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                          0);
}

result<std::string> pattern::replace(std::string_view text, std::string_view with,
                                     std::size_t bytes_max) const {
  assert(problem_of(with).empty());
  const re2::StringPiece whole(text.data(), text.size());
  const re2::StringPiece rewrite(with.data(), with.size());
  const int groups = 1 + re2::RE2::MaxSubmatch(rewrite);
  std::array<re2::StringPiece, groups_max> found;
  std::string replaced;
  std::size_t copied = 0;
  std::size_t at = 0;
  bool is_first = true;
  while (at <= text.size() &&
         compiled_->Match(whole, at, text.size(), re2::RE2::UNANCHORED, found.data(), groups)) {
    const auto begin = static_cast<std::size_t>(found[0].data() - text.data());
    at = begin + found[0].size();
    if (found[0].empty()) {  // Each place between characters matches once.
      at += std::max<std::size_t>(1, character_bytes(text.substr(at)));
      if (!std::exchange(is_first, false) && begin == copied) {
        continue;
      }
    }
    is_first = false;
    replaced.append(text, copied, begin - copied);
    compiled_->Rewrite(&replaced, rewrite, found.data(), groups);
    copied = begin + found[0].size();
    if (replaced.size() > bytes_max) {
      break;
    }
  }
  replaced.append(text, copied);
  if (replaced.size() > bytes_max) {
    return refuse(errc::output_too_big, fmt::format("replace makes more than {} bytes", bytes_max));
  }
  return replaced;
}

std::string pattern::problem_of(std::string_view with) const {
  std::string problem;
  compiled_->CheckRewriteString({with.data(), with.size()}, &problem);
  return problem;
}

std::string_view pattern::expression() const { return compiled_->pattern(); }

std::size_t pattern::bytes_max() const {
  return static_cast<std::size_t>(compiled_->options().max_mem());
}

}  // namespace engine::templating
