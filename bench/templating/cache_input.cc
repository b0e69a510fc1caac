#include "bench/templating/cache_input.h"

#include <atomic>

#include <fmt/format.h>

#include "fixtures/random.h"

namespace headroom::templating_bench {
namespace {

constexpr std::size_t order_length = 16'384;

std::string text_of(std::size_t number) {
  return fmt::format(
      "step-{} of {{{{workflow.name}}}}: --input {{{{tasks.fetch.outputs.parameters.path}}}} "
      "--region {{{{inputs.parameters.region}}}} --tries 3",
      number);
}

}  // namespace

cache_input::cache_input(unsigned thread, std::size_t texts, std::shared_ptr<shared_caches> shared)
    : thread_(thread), shared_(std::move(shared)) {
  for (std::size_t number = 0; number < texts; ++number) {
    texts_.push_back(text_of(number));
  }
}

std::string cache_input::mismatch(const tally& answer) const {
  return answer.right == answer.asked && answer.asked > 0
             ? ""
             : fmt::format("{} of {} look-ups gave another template", answer.asked - answer.right,
                           answer.asked);
}

lookups::lookups(const cache_input& input) : fresh_(text_of(0)) {
  engine::fixtures::random source(7 + input.thread());
  for (std::size_t at = 0; at < order_length; ++at) {
    order_.emplace_back(
        input.texts()[source.below(static_cast<std::uint32_t>(input.texts().size()))]);
  }
}

std::string_view lookups::fresh() {
  static std::atomic<std::uint64_t> last{0};
  // Digits as letters, in place of the first of the text.
  std::uint64_t number = last.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t at = 0; at < 8; ++at, number /= 26) {
    fresh_[at] = static_cast<char>('a' + number % 26);
  }
  return fresh_;
}

}  // namespace headroom::templating_bench
