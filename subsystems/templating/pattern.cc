#include "subsystems/templating/pattern.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <re2/re2.h>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"

namespace engine::templating {
namespace {

using support::character_bytes;
using support::excerpt;
using support::in_quotes;

constexpr std::size_t groups_max = 10;  // \0 to \9

using found_groups = std::array<re2::StringPiece, groups_max>;

error refuse(errc code, std::string message) {
  return {.code = code, .where = {}, .message = std::move(message), .pointer = {}};
}

std::chrono::nanoseconds used_by_thread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

error used_up(std::string_view expression, const pattern_budget& budget) {
  return refuse(errc::pattern_too_slow,
                fmt::format("regular expressions may take {} ms together, which are used up at {}",
                            budget.time_max().count(), in_quotes(expression)));
}

// What stands for a match. Its size is known before any of it is made.
class replacement {
 public:
  explicit replacement(std::string_view with) : with_(with) {
    for (std::size_t at = with_.find('\\'); at != std::string_view::npos;
         at = with_.find('\\', at + 2)) {
      if (is_group(with_[at + 1])) {
        ++mentions_[group_of(with_[at + 1])];
        literal_bytes_ -= 2;
      } else {
        --literal_bytes_;
      }
    }
  }

  [[nodiscard]] std::size_t size_for(const found_groups& found) const {
    std::size_t size = literal_bytes_;
    for (std::size_t group = 0; group < groups_max; ++group) {
      size += mentions_[group] * found[group].size();
    }
    return size;
  }

  void append_for(const found_groups& found, std::string& out) const {
    std::size_t copied = 0;
    for (std::size_t at = with_.find('\\'); at != std::string_view::npos;
         at = with_.find('\\', copied)) {
      out.append(with_, copied, at - copied);
      if (const char escaped = with_[at + 1]; is_group(escaped)) {
        const re2::StringPiece& group = found[group_of(escaped)];
        out.append(group.data(), group.size());
      } else {
        out += escaped;
      }
      copied = at + 2;
    }
    out.append(with_, copied);
  }

 private:
  static bool is_group(char escaped) { return escaped >= '0' && escaped <= '9'; }
  static std::size_t group_of(char digit) { return static_cast<std::size_t>(digit - '0'); }

  std::string_view with_;
  std::size_t literal_bytes_ = with_.size();
  std::array<std::size_t, groups_max> mentions_{};
};

}  // namespace

// A thread uses no more time than passes: its own clock, which is read by a system call, is looked
// at only when so much has passed as was left.
bool pattern_budget::is_in_time() {
  const auto now = std::chrono::steady_clock::now();
  if (!begin_ || now >= enough_until_) {
    const std::chrono::nanoseconds used = used_by_thread();
    if (begin_ && used - *begin_ >= time_max_) {
      return false;
    }
    begin_ = begin_.value_or(used);
    enough_until_ = now + (time_max_ - (used - *begin_));
  }
  steps_not_timed_ = 0;
  return true;
}

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

result<pattern> pattern::compile(std::string_view expression, const limits& bounds,
                                 pattern_budget& budget) {
  if (!budget.admit_compilation()) {
    return used_up(expression, budget);
  }
  return compile(expression, bounds);
}

bool pattern::matches(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                          0);
}

result<bool> pattern::matches(std::string_view text, pattern_budget& budget) const {
  const std::uint64_t steps = steps_in(text.size());
  if (!budget.admit(steps)) {
    return too_slow(steps, text.size(), budget);
  }
  return matches(text);
}

result<std::string> pattern::replace(std::string_view text, std::string_view with,
                                     std::size_t bytes_max, pattern_budget& budget) const {
  assert(problem_of(with).empty());
  const re2::StringPiece whole(text.data(), text.size());
  const int groups = 1 + re2::RE2::MaxSubmatch({with.data(), with.size()});
  const replacement written(with);
  const auto refuse_size = [&] {
    return refuse(errc::output_too_big, fmt::format("replace makes more than {} bytes", bytes_max));
  };
  found_groups found;
  std::string replaced;
  std::size_t copied = 0;
  std::size_t at = 0;
  bool is_first = true;
  while (at <= text.size()) {
    // A long replacement takes its time, too, even if all its groups are empty.
    const std::uint64_t steps = steps_in(text.size() - at) + with.size();
    if (!budget.admit(steps)) {
      return too_slow(steps, text.size() - at, budget);
    }
    if (!compiled_->Match(whole, at, text.size(), re2::RE2::UNANCHORED, found.data(), groups)) {
      break;
    }
    const auto begin = static_cast<std::size_t>(found[0].data() - text.data());
    at = begin + found[0].size();
    if (found[0].empty()) {  // Each place between characters matches once.
      at += std::max<std::size_t>(1, character_bytes(text.substr(at)));
      if (!std::exchange(is_first, false) && begin == copied) {
        continue;
      }
    }
    is_first = false;
    if (begin - copied + written.size_for(found) > bytes_max - replaced.size()) {
      return refuse_size();
    }
    replaced.append(text, copied, begin - copied);
    written.append_for(found, replaced);
    copied = begin + found[0].size();
  }
  if (text.size() - copied > bytes_max - replaced.size()) {
    return refuse_size();
  }
  replaced.append(text, copied);
  return replaced;
}

result<std::string> pattern::replace(std::string_view text, std::string_view with,
                                     std::size_t bytes_max) const {
  pattern_budget budget;
  return replace(text, with, bytes_max, budget);
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

// RE2 searches with a DFA that it makes as it goes. Where the DFA has too many states for the
// memory it may use, at more than one new state in ten bytes, RE2 begins again with an NFA, which
// looks at most of the program for each byte. The program that runs backwards, to find where a
// match begins, is only ever run as a DFA.
std::uint64_t pattern::steps_in(std::size_t bytes) const {
  return static_cast<std::uint64_t>(compiled_->ProgramSize()) * bytes;
}

error pattern::too_slow(std::uint64_t steps, std::size_t bytes,
                        const pattern_budget& budget) const {
  if (steps > budget.steps_max()) {
    return refuse(errc::pattern_too_slow,
                  fmt::format("the pattern {} may take {} steps on {} bytes; the limit is {}",
                              in_quotes(expression()), steps, bytes, budget.steps_max()));
  }
  return used_up(expression(), budget);
}

}  // namespace engine::templating
