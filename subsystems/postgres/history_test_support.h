// Executions in memory and in a store, to compare what the queries say with what is there.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fixtures/random.h"
#include "subsystems/postgres/history.h"
#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres {

/// That of the partitions that a store of now begins with.
inline const month present = month_of(now());

struct known_execution {
  std::int32_t tenant = 0;
  execution_summary summary;
};

inline std::string time_text(const std::optional<time_point>& at) {
  return at ? fmt::format("to_timestamp({}) + interval '{} us'",
                          std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count(),
                          at->time_since_epoch().count() % 1'000'000)
            : "NULL";
}

/// Where its status says that it belongs.
inline void insert(test_schema& to, const std::vector<known_execution>& all) {
  std::string active;
  std::string over;
  for (const known_execution& each : all) {
    const bool is_over = is_final(each.summary.status);
    std::string& values = is_over ? over : active;
    values += fmt::format("{}('{}', '{}', {}, {}, {}, {}{})", values.empty() ? "" : ", ",
                          each.summary.id.text(), each.summary.workflow_id.text(), each.tenant,
                          each.summary.workflow_version, static_cast<int>(each.summary.status),
                          time_text(each.summary.started_at),
                          is_over ? ", " + time_text(each.summary.finished_at) : "");
  }
  constexpr const char* columns =
      "id, workflow_id, tenant_id, workflow_version, status, started_at";
  if (!active.empty()) {
    to.run(fmt::format("INSERT INTO active_executions ({}) VALUES {}", columns, active));
  }
  if (!over.empty()) {
    to.run(fmt::format("INSERT INTO execution_records ({}, finished_at) VALUES {}", columns, over));
  }
}

/// Random ones of these months: tenant 1 has most, tenant 4 a few; statuses are skewed; three
/// workflows a tenant.
inline std::vector<known_execution> random_executions(std::size_t count, month first, month last,
                                                      std::uint64_t seed) {
  fixtures::random source(seed);
  const std::int64_t span_ms =
      (last.plus(1).begin() - first.begin()) / std::chrono::milliseconds(1);
  std::vector<known_execution> all;
  for (std::size_t number = 0; number < count; ++number) {
    const std::uint32_t drawn = source.below(200);
    const std::int32_t tenant = drawn < 120 ? 1 : drawn < 180 ? 2 : drawn < 199 ? 3 : 4;
    const std::uint32_t kind = source.below(100);
    const auto status = kind < 4    ? execution_status::pending
                        : kind < 10 ? execution_status::running
                        : kind < 90 ? execution_status::succeeded
                        : kind < 98 ? execution_status::failed
                                    : execution_status::cancelled;
    const std::chrono::milliseconds since{source.next() % static_cast<std::uint64_t>(span_ms)};
    const time_point begun = first.begin() + since;
    known_execution made{tenant, {}};
    made.summary.id = make_uuid(begun, source.next());
    made.summary.workflow_id =
        key_in(month{202001}, static_cast<std::uint64_t>(tenant) * 10 + source.below(3));
    made.summary.workflow_version = static_cast<std::int32_t>(source.between(1, 9));
    made.summary.status = status;
    if (status != execution_status::pending) {
      made.summary.started_at = begun + std::chrono::microseconds(source.below(2'000'000));
    }
    if (is_final(status)) {
      made.summary.finished_at = *made.summary.started_at + std::chrono::microseconds(12'345'678);
    }
    all.push_back(made);
  }
  std::sort(all.begin(), all.end(),
            [](const auto& left, const auto& right) { return left.summary.id > right.summary.id; });
  return all;
}

/// What a list should have. `all` is ordered, newest first.
inline std::vector<execution_summary> matching(const std::vector<known_execution>& all,
                                               std::int32_t tenant,
                                               const execution_filter& filter) {
  std::vector<execution_summary> found;
  for (const known_execution& each : all) {
    const execution_summary& it = each.summary;
    const bool matches = each.tenant == tenant &&
                         (!filter.workflow_id || it.workflow_id == *filter.workflow_id) &&
                         (!filter.status || it.status == *filter.status) &&
                         (!filter.from || it.created_at() >= *filter.from) &&
                         (!filter.until || it.created_at() < *filter.until);
    if (matches) {
      found.push_back(it);
    }
  }
  return found;
}

/// All pages, one after the other.
inline std::vector<execution_summary> walk(history& through, std::int32_t tenant,
                                           const execution_filter& filter, std::size_t size) {
  std::vector<execution_summary> listed;
  std::string after;
  do {
    page<execution_summary> read = through.list_executions(tenant, filter, {size, after}).value();
    listed.insert(listed.end(), read.items.begin(), read.items.end());
    after = read.next;
  } while (!after.empty());
  return listed;
}

}  // namespace engine::postgres
