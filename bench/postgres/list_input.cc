#include "bench/postgres/list_input.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace headroom::postgres_bench {
namespace {

namespace store = engine::postgres;

// A list that the largest tenants have long ones of.
std::optional<store::execution_filter> filter_of(list_kind kind, std::int32_t tenant) {
  const auto& workflows = seeded_server().history().workflows();
  switch (kind) {
    case list_kind::tenant:
      return store::execution_filter{};
    case list_kind::status:
      return store::execution_filter{.status = store::execution_status::failed};
    case list_kind::workflow: {
      // The first of each tenant has most executions.
      const auto found = std::find_if(workflows.begin(), workflows.end(),
                                      [&](const auto& each) { return each.tenant == tenant; });
      return store::execution_filter{.workflow_id = found->id};
    }
    case list_kind::time:
      // Weeks that lie in two months.
      return store::execution_filter{.from = seeded_present() - std::chrono::hours(24 * 40),
                                     .until = seeded_present() - std::chrono::hours(24 * 10)};
  }
  return std::nullopt;
}

}  // namespace

list_input::list_input(list_kind kind, std::size_t page_number) : kind_(kind) {
  const std::size_t first = (page_number - 1) * page_size;
  constexpr std::int32_t tenants = 8;
  for (std::int32_t tenant = 1; tenant <= tenants; ++tenant) {
    add_cases(tenant, *filter_of(kind, tenant), first, cases_max / tenants);
  }
  if (cases_.size() == cases_max / tenants) {
    // One list only is so long.
    add_cases(1, *filter_of(kind, 1), first + cases_max / tenants, cases_max - cases_.size());
  }
  if (cases_.empty()) {
    throw std::runtime_error(fmt::format("no list has {} pages", page_number));
  }
}

void list_input::add_cases(std::int32_t tenant, const store::execution_filter& filter,
                           std::size_t first, std::size_t count) {
  const std::vector<std::size_t> rows = matching_rows(tenant, filter);
  for (std::size_t at = first; at < first + count && at + page_size <= rows.size(); ++at) {
    list_case made{tenant, filter, {}, static_cast<std::int64_t>(at), {}};
    for (std::size_t row = at; row < at + page_size; ++row) {
      made.expected.push_back(known_rows()[rows[row]].id);
    }
    made.cursor = cursor_at(made, at);
    cases_.push_back(std::move(made));
  }
}

// As a client comes there, but in larger steps.
std::string list_input::cursor_at(const list_case& of, std::size_t rows) const {
  std::string cursor;
  while (rows > 0) {
    const std::size_t step = std::min(rows, store::page_size_max);
    cursor = take(link_->history().list_executions(of.tenant, of.filter, {step, cursor})).next;
    rows -= step;
  }
  return cursor;
}

std::string list_input::mismatch(const answered& answer) const {
  const list_case& asked = cases_[answer.which];
  return answer.keys == asked.expected
             ? ""
             : fmt::format("tenant {}, {} rows on: {} rows that are not those of the history",
                           asked.tenant, asked.offset, answer.keys.size());
}

}  // namespace headroom::postgres_bench
