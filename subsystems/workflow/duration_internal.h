// Durations as authors write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace engine::workflow::internal {

/// Longer durations are taken for mistakes.
inline constexpr std::chrono::milliseconds duration_max = std::chrono::hours(24) * 36'500;

/// "1h30m", "5m", "30s", "1.5s" or "250ms", the units in this order and each at most once; a number
/// alone counts seconds. Rounded to milliseconds, but never to none, which would mean no limit,
/// unless it is none. Nothing if `text` is no such duration or more than duration_max.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace engine::workflow::internal
