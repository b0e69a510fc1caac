// The limits that every template, context and rendering keeps. They hold while the work is done, so
// a hostile template costs no more than a full one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace engine::templating {

struct limits {
  /// Longer texts, and documents that are longer as JSON text, are refused with template_too_big.
  /// At most 2^31.
  std::size_t template_bytes_max = std::size_t{2} << 20U;
  /// Placeholders of one text or document; too_many_placeholders.
  std::uint32_t placeholders_max = 10'000;
  /// Names, keys and indexes of one path; too_deep.
  std::uint32_t path_depth_max = 32;
  /// Filters of one placeholder; too_many_filters.
  std::uint32_t filters_max = 8;
  /// Bytes of one regular expression; bad_pattern.
  std::size_t pattern_bytes_max = 1'000;
  /// What one compiled regular expression may hold, its caches included; bad_pattern if it needs
  /// more. In bytes. Most take 2 to 20 us to compile, a class such as \pL 0.7 ms; a hostile one 40
  /// ms, or 150 ms until it is refused.
  std::size_t pattern_memory_bytes_max = std::size_t{256} << 10U;
  /// Regular expressions of one text or document; too_many_patterns.
  std::uint32_t patterns_max = 64;
  /// Steps that one search may come to: the instructions of the compiled regular expression, some
  /// one or two for each of its characters and a thousand for \pL, times the bytes of the text;
  /// pattern_too_slow before a search that may need more is begun, as none can be interrupted. Most
  /// take some 2 ns for each byte, whatever the expression; a hostile one takes 5 to 10 ns for each
  /// step, so that this limit is half a second to a second.
  std::uint64_t pattern_steps_max = 100'000'000;
  /// What all searches of one rendering may take, in processor time of their thread, before the
  /// next is refused with pattern_too_slow; and likewise what compiling all regular expressions of
  /// one text or document may take. While searching, the clock is looked at after each 2^22 steps,
  /// so a rendering that cannot come to so many never depends on it, and another is refused only if
  /// it has in fact been slow: searches that find their matches near by may be any number. At most
  /// a day.
  std::chrono::milliseconds pattern_time_max{250};
  /// Bytes of the text that the filter replace takes; value_too_big. One search is linear in the
  /// text, but there are patterns for which each match takes one through all of it: what they take
  /// together is limited by pattern_time_max.
  std::size_t replace_bytes_max = std::size_t{64} << 10U;
  /// Bytes of texts that the filters of one rendering may read and write; value_too_big.
  std::size_t filter_bytes_max = std::size_t{64} << 20U;
  /// Values inside values, in documents that are compiled or rendered; too_deep.
  std::uint32_t value_depth_max = 64;
  /// Longer results, and longer intermediate texts of a filter, are refused with output_too_big.
  std::size_t output_bytes_max = std::size_t{16} << 20U;
};

}  // namespace engine::templating
