// The loops that touch every byte, for the processor that runs them: portable code, and AVX2 where
// the processor has it.
//
// Both give the same results; only one is faster. Pointers are ranges of readable bytes, and no
// loop reads beyond their ends. Thread-safe: no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace engine::templating::internal {

/// What copy_to_placeholder() may write behind the bytes it was asked for, and what must be
/// readable behind the literals that gather() reads.
inline constexpr std::size_t slack_bytes = 128;

/// A "{{" and the first byte behind it that can end a placeholder or hide its end: one of } ' ".
/// Both are the end of the text if there is none.
struct placeholder_marks {
  const char* opening;
  const char* stop;
};

/// A value as text. Its first bytes lie in `head` as well, so that short ones, which are most, are
/// copied without a look at their length.
struct cell {
  static constexpr std::size_t head_bytes = 32;

  char head[head_bytes];
  const char* data;  ///< All of it; null if `head` is all of it.
  std::size_t size;

  [[nodiscard]] std::string_view text() const { return {data == nullptr ? head : data, size}; }
};

/// A literal text, and the cell that follows it.
struct record {
  std::uint32_t literal_size;
  std::uint32_t slot;
};

/// What must follow a record, so that copies may write beyond its end.
inline constexpr std::size_t roomy_bytes = 64;

/// A rendering that cannot fail any more: literals lie one behind the other at `literals`, slack
/// behind them. At least roomy_bytes follow the first `roomy` records.
struct gathering {
  std::span<const record> records;
  const char* literals;
  std::size_t last_literal_size;
  const cell* cells;
  std::size_t roomy;
};

struct kernels {
  std::string_view name;
  /// The first "{{" in [from, end), or end.
  const char* (*find_opening)(const char* from, const char* end);
  /// The first of } ' " in [from, end), or end.
  const char* (*find_stop)(const char* from, const char* end);
  /// find_opening, then find_stop behind it.
  placeholder_marks (*find_placeholder)(const char* from, const char* end);
  /// The same, and copies [from, opening) to `to`.
  placeholder_marks (*copy_to_placeholder)(const char* from, const char* end, char* to);
  /// The first byte in [from, end) that a JSON string must escape: " \ and below 0x20; or end.
  const char* (*find_escape)(const char* from, const char* end);
  /// Writes literals and values to `to`, exactly as many bytes as they have.
  void (*gather)(const gathering& from, char* to);
};

[[nodiscard]] const kernels& portable_kernels();
/// Null where the processor, or the compiler's target, has no AVX2.
[[nodiscard]] const kernels* avx2_kernels();
/// The fastest of them; the choice is made once.
[[nodiscard]] const kernels& best_kernels();

}  // namespace engine::templating::internal
