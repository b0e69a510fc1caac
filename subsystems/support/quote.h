// Foreign text in a message: short, on one line, well-formed UTF-8, and with nothing in it that a
// terminal obeys or an eye misses, whatever the text was. Names, values, paths, URLs, arguments of
// a command line, and what other libraries say of them go through here.
//
// Written out are: the general categories Cc (controls, among them ESC and the C1 controls that
// begin with U+009B), Cf (bidirectional overrides, isolates and marks, zero-width characters, soft
// hyphens, tags), Zl, Zp, and Zs but for the space; what is Default_Ignorable_Code_Point
// (variation selectors, fillers); the blank braille pattern; and bytes that are not UTF-8. Source:
// Unicode 15, UnicodeData.txt and DerivedCoreProperties.txt; why, in Unicode's technical report 36
// and in CVE-2021-42574 ("Trojan Source").
//
// An ASCII control and a byte that is not UTF-8 are written \x1b, another character \u{202e}. A
// backslash is written twice where it could be taken for the start of such an escape, so different
// texts look different as long as nothing is cut off. Thread-safe; O(quoted_bytes_max).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engine::support {

/// Longer texts are cut off: a Kubernetes name (63 bytes) and an RFC 3339 time are not.
inline constexpr std::size_t quoted_bytes_max = 80;

/// `text` as it may be shown, without quotes around it. Beyond quoted_bytes_max bytes of `text`, or
/// the last whole character before, "…" stands for the rest. At most four times as long.
[[nodiscard]] std::string excerpt(std::string_view text);

/// The same at the end of `message`, where a sentence is made without copies.
void append_excerpt(std::string& message, std::string_view text);

/// The same in double quotes; those inside are written \".
[[nodiscard]] std::string in_quotes(std::string_view text);

/// All of `text` as excerpt() shows it, not cut off: for what a user needs whole, such as the path
/// of a file or the lines of a log. Line ends stay if `lines` says so. O(text).
enum class line_ends { escaped, kept };
[[nodiscard]] std::string printable(std::string_view text, line_ends lines = line_ends::escaped);

/// "; did you mean "name"?", or nothing if `nearest` is empty.
[[nodiscard]] std::string did_you_mean(std::string_view nearest);

}  // namespace engine::support
