#include "subsystems/templating/scanner.h"

#include "subsystems/templating/placeholder_end_internal.h"

namespace engine::templating {
namespace internal {
namespace {

// Behind the quote that closes the one at `opening`, or `end`.
const char* skip_quoted(const char* opening, const char* end) {
  for (const char* at = opening + 1; at != end; ++at) {
    if (*at == '\\' && at + 1 != end) {
      ++at;  // Whatever it escapes: it closes nothing.
    } else if (*at == *opening) {
      return at + 1;
    }
  }
  return end;
}

}  // namespace

const char* placeholder_end(const char* stop, const char* end, const kernels& code) {
  while (end - stop >= 2) {
    if (*stop != '}') {
      stop = skip_quoted(stop, end);
    } else if (stop[1] == '}') {
      return stop + 2;
    } else {
      ++stop;
    }
    stop = code.find_stop(stop, end);
  }
  return nullptr;
}

}  // namespace internal

bool scanner::next(placeholder& found) {
  const internal::kernels& code = internal::best_kernels();
  const char* const begin = text_.data();
  const char* const end = begin + text_.size();
  const auto [opening, stop] = code.find_placeholder(begin + at_, end);
  at_ = text_.size();
  if (opening == end) {
    return false;
  }
  const char* const behind = internal::placeholder_end(stop, end, code);
  if (behind == nullptr) {
    unterminated_at_ = static_cast<std::size_t>(opening - begin);
    return false;
  }
  at_ = static_cast<std::size_t>(behind - begin);
  found = {static_cast<std::size_t>(opening - begin), at_};
  return true;
}

}  // namespace engine::templating
