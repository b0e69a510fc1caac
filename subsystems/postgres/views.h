// What the queries return. Plain values that own their texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "subsystems/postgres/records.h"

namespace engine::postgres {

/// Of a list that has more rows than are asked for at once.
template <class T>
struct page {
  std::vector<T> items;
  /// Where the next page begins, for page_request::after; empty: this is the last.
  std::string next;
};

struct page_request {
  /// 1 to page_size_max.
  std::size_t size = 20;
  /// page::next of the page before, of the same list; empty: the first page.
  std::string_view after = {};
};

inline constexpr std::size_t page_size_max = 1'000;

struct execution_summary {
  uuid id;
  uuid workflow_id;
  std::int32_t workflow_version = 0;
  execution_status status{};
  std::optional<time_point> started_at;
  std::optional<time_point> finished_at;

  /// To the millisecond: the time of its key.
  [[nodiscard]] time_point created_at() const { return id.time(); }

  friend bool operator==(const execution_summary&, const execution_summary&) = default;
};

struct execution_view {
  execution_summary summary;
  /// JSON; empty: none.
  std::string input;
  /// JSON; empty: none, or not over yet.
  std::string outcome;
};

struct task_view {
  std::int16_t number = 0;
  std::int16_t attempt = 0;
  task_status status{};
  std::string name;
  std::optional<time_point> started_at;
  std::optional<time_point> finished_at;
};

struct span_view {
  std::int32_t number = 0;
  /// -1: none.
  std::int32_t parent = -1;
  /// -1: of the execution itself.
  std::int16_t task = -1;
  std::string name;
  time_point started_at;
  time_point finished_at;
  /// JSON; empty: none.
  std::string attributes;
};

/// An execution with everything that is known of its course, as it was at one moment.
struct execution_trace {
  execution_view execution;
  std::vector<task_view> tasks;  ///< by number
  std::vector<span_view> spans;  ///< by number
  /// There are more spans than history_options::spans_max, of which the first are here.
  bool is_cut = false;
};

struct workflow_view {
  uuid id;
  std::string name;
  std::int32_t latest_version = 0;

  friend bool operator==(const workflow_view&, const workflow_view&) = default;
};

/// How many executions there are, those of months that were dropped not counted.
struct execution_totals {
  std::int64_t pending = 0;
  std::int64_t running = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;

  [[nodiscard]] std::int64_t all() const {
    return pending + running + succeeded + failed + cancelled;
  }
  friend bool operator==(const execution_totals&, const execution_totals&) = default;
};

}  // namespace engine::postgres
