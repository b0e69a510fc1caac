#include <algorithm>
#include <cstring>

#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {
namespace {

const char* find_opening(const char* from, const char* end) {
  while (end - from >= 2) {
    const void* found = std::memchr(from, '{', static_cast<std::size_t>(end - from - 1));
    if (found == nullptr) {
      return end;
    }
    from = static_cast<const char*>(found);
    if (from[1] == '{') {
      return from;
    }
    ++from;
  }
  return end;
}

const char* find_stop(const char* from, const char* end) {
  return std::find_if(from, end, [](char c) { return c == '}' || c == '\'' || c == '"'; });
}

placeholder_marks find_placeholder(const char* from, const char* end) {
  const char* const opening = find_opening(from, end);
  return {opening, opening == end ? end : find_stop(opening + 2, end)};
}

placeholder_marks copy_to_placeholder(const char* from, const char* end, char* to) {
  const placeholder_marks found = find_placeholder(from, end);
  std::memcpy(to, from, static_cast<std::size_t>(found.opening - from));
  return found;
}

const char* find_escape(const char* from, const char* end) {
  return std::find_if(from, end, [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

void gather(const gathering& from, char* to) {
  const char* literal = from.literals;
  for (const record& each : from.records) {
    std::memcpy(to, literal, each.literal_size);
    to += each.literal_size;
    literal += each.literal_size;
    const std::string_view value = from.cells[each.slot].text();
    std::memcpy(to, value.data(), value.size());
    to += value.size();
  }
  std::memcpy(to, literal, from.last_literal_size);
}

}  // namespace

const kernels& portable_kernels() {
  static constexpr kernels portable = {
      "portable",          find_opening, find_stop, find_placeholder,
      copy_to_placeholder, find_escape,  gather};
  return portable;
}

const kernels& best_kernels() {
  static const kernels best = avx2_kernels() != nullptr ? *avx2_kernels() : portable_kernels();
  return best;
}

}  // namespace engine::templating::internal
