#include "subsystems/templating/kernels_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <bit>
#include <cstring>

namespace engine::templating::internal {
namespace {

// Each function says its target itself: compiled as a whole for AVX2, this file could leave
// instructions in inline functions that other files share.

constexpr std::size_t block = 32;
constexpr std::size_t quad = 4 * block;

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i load(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

[[gnu::target("avx2"), gnu::always_inline]] inline void store(char* to, __m256i bytes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
}

[[gnu::always_inline]] inline std::size_t distance(const char* from, const char* end) {
  return static_cast<std::size_t>(end - from);
}

// Bit i: bytes i and i + 1 are both "{". REQUIRES: 33 bytes are readable.
[[gnu::target("avx2"), gnu::always_inline]] inline std::uint32_t openings(const char* from,
                                                                          __m256i bytes) {
  const auto braces = static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('{'))));
  if (braces == 0) [[likely]] {
    return 0;
  }
  return braces & ((braces >> 1U) | (from[block] == '{' ? 0x8000'0000U : 0U));
}

// The same of 16 bytes. REQUIRES: 17 bytes are readable.
[[gnu::always_inline]] inline std::uint32_t openings_of_half(const char* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const auto braces =
      static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('{'))));
  return braces & ((braces >> 1U) | (from[block / 2] == '{' ? 0x8000U : 0U));
}

const char* find_opening_in_few(const char* from, const char* end) {
  constexpr std::size_t half = block / 2;
  if (distance(from, end) > half) {
    if (const std::uint32_t found = openings_of_half(from); found != 0) {
      return from + std::countr_zero(found);
    }
    const char* const last = end - half - 1;
    const std::uint32_t found = openings_of_half(last);
    return found != 0 ? last + std::countr_zero(found) : end;
  }
  for (; end - from >= 2; ++from) {
    if (from[0] == '{' && from[1] == '{') {
      return from;
    }
  }
  return end;
}

// Copies up to 32 bytes, of which there may be no more.
[[gnu::always_inline]] inline void copy_few(char* to, const char* from, std::size_t size) {
  if (size >= 16) {
    __builtin_memcpy(to, from, 16);
    __builtin_memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    __builtin_memcpy(to, from, 8);
    __builtin_memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    __builtin_memcpy(to, from, 4);
    __builtin_memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t at = 0; at < size; ++at) {
      to[at] = from[at];
    }
  }
}

[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t braces_of(__m256i low,
                                                                           __m256i high) {
  const __m256i brace = _mm256_set1_epi8('{');
  const auto first =
      static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, brace)));
  const auto second =
      static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, brace)));
  return first | (std::uint64_t{second} << 32U);
}

// Four blocks at `from`.
struct blocks {
  __m256i first, second, third, fourth;
};

// Which of them begins the first opening in the four, or `quad`. REQUIRES: a further byte is
// readable.
[[gnu::target("avx2"), gnu::always_inline]] inline std::size_t first_opening(const char* from,
                                                                             const blocks& bytes) {
  const __m256i brace = _mm256_set1_epi8('{');
  const __m256i any = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes.first, brace),
                                                      _mm256_cmpeq_epi8(bytes.second, brace)),
                                      _mm256_or_si256(_mm256_cmpeq_epi8(bytes.third, brace),
                                                      _mm256_cmpeq_epi8(bytes.fourth, brace)));
  if (_mm256_testz_si256(any, any) != 0) [[likely]] {
    return quad;
  }
  const std::uint64_t low = braces_of(bytes.first, bytes.second);
  const std::uint64_t high = braces_of(bytes.third, bytes.fourth);
  const std::uint64_t low_pairs = low & ((low >> 1U) | (high << 63U));
  const std::uint64_t high_pairs =
      high & ((high >> 1U) | (std::uint64_t{from[quad] == '{' ? 1U : 0U} << 63U));
  if (low_pairs != 0) {
    return static_cast<std::size_t>(std::countr_zero(low_pairs));
  }
  return high_pairs != 0 ? 2 * block + static_cast<std::size_t>(std::countr_zero(high_pairs))
                         : quad;
}

// Searches [from, end), and with Copies writes what it passes to `to`.
template <bool Copies>
[[gnu::target("avx2"), gnu::always_inline]] inline const char* search_opening(const char* from,
                                                                              const char* end,
                                                                              char* to) {
  if (distance(from, end) <= block) {
    if constexpr (Copies) {
      copy_few(to, from, distance(from, end));
    }
    return find_opening_in_few(from, end);
  }
  // Most literals are short, so the first block is looked at alone.
  const __m256i bytes = load(from);
  if constexpr (Copies) {
    store(to, bytes);
  }
  if (const std::uint32_t found = openings(from, bytes); found != 0) {
    return from + std::countr_zero(found);
  }
  from += block;
  to += Copies ? block : 0;
  for (; distance(from, end) > quad; from += quad, to += Copies ? quad : 0) {
    const blocks next = {load(from), load(from + block), load(from + 2 * block),
                         load(from + 3 * block)};
    if constexpr (Copies) {
      store(to, next.first);
      store(to + block, next.second);
      store(to + 2 * block, next.third);
      store(to + 3 * block, next.fourth);
    }
    if (const std::size_t found = first_opening(from, next); found != quad) {
      return from + found;
    }
  }
  for (; distance(from, end) > block; from += block, to += Copies ? block : 0) {
    const __m256i next = load(from);
    if constexpr (Copies) {
      store(to, next);
    }
    if (const std::uint32_t found = openings(from, next); found != 0) {
      return from + std::countr_zero(found);
    }
  }
  // What is left is searched with the bytes before it, which hold no opening.
  if constexpr (Copies) {
    store(to + distance(from, end) - block, load(end - block));
  }
  const char* const last = end - block - 1;
  const std::uint32_t found = openings(last, load(last));
  return found != 0 ? last + std::countr_zero(found) : end;
}

template <char... Wanted>
[[gnu::target("avx2"), gnu::always_inline]] inline std::uint32_t any_of(__m256i bytes) {
  __m256i found = _mm256_setzero_si256();
  ((found = _mm256_or_si256(found, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(Wanted)))), ...);
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
}

template <char... Wanted>
[[gnu::always_inline]] inline std::uint32_t any_of_half(const char* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  __m128i found = _mm_setzero_si128();
  ((found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(Wanted)))), ...);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
}

// Searches [from, end), less than a block; the bytes from `readable` on may be read as well.
[[gnu::target("avx2"), gnu::always_inline]] inline const char* search_stop_in_few(
    const char* from, const char* end, const char* readable) {
  constexpr std::size_t half = block / 2;
  if (distance(readable, end) >= block) {
    const std::uint64_t found = any_of<'}', '\'', '"'>(load(end - block));
    const std::uint64_t wanted = found >> (block - distance(from, end));
    return wanted != 0 ? from + std::countr_zero(wanted) : end;
  }
  if (distance(readable, end) < half) {
    return portable_kernels().find_stop(from, end);
  }
  if (distance(from, end) > half) {
    if (const std::uint32_t found = any_of_half<'}', '\'', '"'>(from); found != 0) {
      return from + std::countr_zero(found);
    }
    from = end - half;
  }
  const std::uint32_t found = any_of_half<'}', '\'', '"'>(end - half);
  const std::uint32_t wanted = found >> (half - distance(from, end));
  return wanted != 0 ? from + std::countr_zero(wanted) : end;
}

// Searches [from, end); the bytes from `readable` on may be read as well.
[[gnu::target("avx2"), gnu::always_inline]] inline const char* search_stop(const char* from,
                                                                           const char* end,
                                                                           const char* readable) {
  for (; distance(from, end) >= block; from += block) {
    if (const std::uint32_t found = any_of<'}', '\'', '"'>(load(from)); found != 0) {
      return from + std::countr_zero(found);
    }
  }
  return search_stop_in_few(from, end, readable);
}

[[gnu::target("avx2")]] const char* find_opening(const char* from, const char* end) {
  return search_opening<false>(from, end, nullptr);
}

[[gnu::target("avx2")]] const char* find_stop(const char* from, const char* end) {
  return search_stop(from, end, from);
}

[[gnu::target("avx2")]] placeholder_marks find_placeholder(const char* from, const char* end) {
  const char* const opening = search_opening<false>(from, end, nullptr);
  return {opening, opening == end ? end : search_stop(opening + 2, end, from)};
}

[[gnu::target("avx2")]] placeholder_marks copy_to_placeholder(const char* from, const char* end,
                                                              char* to) {
  const char* const opening = search_opening<true>(from, end, to);
  return {opening, opening == end ? end : search_stop(opening + 2, end, from)};
}

[[gnu::target("avx2")]] const char* find_escape(const char* from, const char* end) {
  const __m256i last_control = _mm256_set1_epi8(0x1F);
  for (; distance(from, end) >= block; from += block) {
    const __m256i bytes = load(from);
    const auto controls = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(bytes, last_control), bytes)));
    if (const std::uint32_t found = controls | any_of<'"', '\\'>(bytes); found != 0) {
      return from + std::countr_zero(found);
    }
  }
  return portable_kernels().find_escape(from, end);
}

// Copies all whole quads from the first aligned byte of `to` on, and returns where they end. What
// stands before is for the caller.
[[gnu::target("avx2"), gnu::noinline]] std::size_t copy_aligned_quads(char* to, const char* from,
                                                                      std::size_t size) {
  std::size_t at = block - (reinterpret_cast<std::uintptr_t>(to) & (block - 1));
  for (; at + quad <= size; at += quad) {
    const __m256i first = load(from + at);
    const __m256i second = load(from + at + block);
    const __m256i third = load(from + at + 2 * block);
    const __m256i fourth = load(from + at + 3 * block);
    store(to + at, first);
    store(to + at + block, second);
    store(to + at + 2 * block, third);
    store(to + at + 3 * block, fourth);
  }
  return at;
}

constexpr std::size_t long_copy = 512;
constexpr std::size_t library_copy = std::size_t{256} << 10U;

// Reads and writes up to 63 bytes beyond `size`.
[[gnu::target("avx2"), gnu::always_inline]] inline void copy_literal(char* to, const char* from,
                                                                     std::size_t size) {
  store(to, load(from));
  if (size <= block) {
    return;
  }
  store(to + block, load(from + block));
  std::size_t at = 2 * block;
  if (size > long_copy) [[unlikely]] {
    at = copy_aligned_quads(to, from, size);
  }
  for (; at < size; at += 2 * block) {
    store(to + at, load(from + at));
    store(to + at + block, load(from + at + block));
  }
}

// What a text of more than 32 bytes has behind the first 32. Reads and writes nothing beyond its
// end.
[[gnu::target("avx2"), gnu::noinline]] void copy_rest(char* to, const char* from,
                                                      std::size_t size) {
  if (size > library_copy) {
    std::memcpy(to, from, size);
    return;
  }
  std::size_t at = block;
  if (size > long_copy) {
    at = copy_aligned_quads(to, from, size);
  }
  for (; at + block <= size; at += block) {
    store(to + at, load(from + at));
  }
  store(to + size - block, load(from + size - block));
}

[[gnu::target("avx2"), gnu::always_inline]] inline void copy_exactly(char* to, const char* from,
                                                                     std::size_t size) {
  if (size <= block) {
    copy_few(to, from, size);
  } else {
    store(to, load(from));
    copy_rest(to, from, size);
  }
}

// The last records, and the last literal.
[[gnu::target("avx2")]] void gather_exactly(const gathering& from, std::span<const record> records,
                                            const char* literal, char* to) {
  for (const record& each : records) {
    copy_exactly(to, literal, each.literal_size);
    to += each.literal_size;
    literal += each.literal_size;
    const std::string_view value = from.cells[each.slot].text();
    copy_exactly(to, value.data(), value.size());
    to += value.size();
  }
  copy_exactly(to, literal, from.last_literal_size);
}

[[gnu::target("avx2")]] void gather(const gathering& from, char* to) {
  const char* literal = from.literals;
  const record* each = from.records.data();
  const record* const roomy_end = each + from.roomy;
  for (; each != roomy_end; ++each) {
    const std::size_t literal_size = each->literal_size;
    const cell& value = from.cells[each->slot];
    copy_literal(to, literal, literal_size);
    to += literal_size;
    literal += literal_size;
    store(to, load(value.head));
    if (value.size > block) {
      copy_rest(to, value.data, value.size);
    }
    to += value.size;
  }
  gather_exactly(from, from.records.subspan(from.roomy), literal, to);
}

}  // namespace

const kernels* avx2_kernels() {
  static constexpr kernels avx2 = {
      "avx2", find_opening, find_stop, find_placeholder, copy_to_placeholder, find_escape, gather};
  __builtin_cpu_init();  // A global may ask before the compiler's own has done it.
  return __builtin_cpu_supports("avx2") != 0 ? &avx2 : nullptr;
}

}  // namespace engine::templating::internal

#else

namespace engine::templating::internal {

const kernels* avx2_kernels() { return nullptr; }

}  // namespace engine::templating::internal

#endif
