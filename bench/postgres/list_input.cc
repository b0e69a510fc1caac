#include "bench/postgres/list_input.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

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

bool is_over(std::size_t row) { return is_final(known_rows()[row].status); }

std::string partition_of(std::size_t row) {
  return store::partition_name_of("execution_records", known_rows()[row].id);
}

// The first page from there on, or else the last before it, of which all rows are over and in one
// partition.
std::vector<store::uuid> settled_from(const std::vector<std::size_t>& rows, std::size_t first) {
  constexpr std::size_t size = list_input::page_size;
  std::vector<std::size_t> over;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    begin = at == first ? over.size() : begin;
    if (is_over(rows[at])) {
      over.push_back(rows[at]);
    }
  }
  const auto is_one_partition = [&over](std::size_t from) {
    return from + size <= over.size() &&
           partition_of(over[from]) == partition_of(over[from + size - 1]);
  };
  while (begin + size <= over.size() && !is_one_partition(begin)) {
    ++begin;
  }
  for (; !is_one_partition(begin); --begin) {
    if (begin == 0) {
      throw std::runtime_error("a list has no page that is over and in one month");
    }
  }
  std::vector<store::uuid> keys;
  for (std::size_t at = begin; at < begin + size; ++at) {
    keys.push_back(known_rows()[over[at]].id);
  }
  return keys;
}

}  // namespace

list_input::list_input(const list_place& place) : place_(place) {
  const std::vector<tenant_list> lists = lists_for(place);
  const std::size_t way = (place.page_number - 1) * page_size;
  const std::size_t places_max = cases_max / lists.size();
  const std::size_t places = place.is_settled
                                 ? places_max
                                 : std::clamp<std::size_t>(way / 10 / places_apart, 1, places_max);
  for (const tenant_list& each : lists) {
    add_cases(each, places);
  }
  if (cases_.empty()) {
    throw std::runtime_error(fmt::format("no list has {} pages", place.page_number));
  }
}

std::vector<list_input::tenant_list> list_input::lists_for(const list_place& place) {
  constexpr std::int32_t tenants = 8;  // The first are the largest.
  const std::size_t enough = place.page_number_max * page_size + cases_max * places_apart;
  std::vector<std::vector<std::size_t>> rows;
  std::size_t longest = 0;
  for (std::int32_t tenant = 1; tenant <= tenants; ++tenant) {
    rows.push_back(matching_rows(tenant, *filter_of(place.kind, tenant)));
    longest = std::max(longest, rows.back().size());
  }
  std::vector<tenant_list> chosen;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (rows[at].size() >= std::min(enough, longest)) {
      const auto tenant = static_cast<std::int32_t>(at + 1);
      chosen.push_back({tenant, *filter_of(place.kind, tenant), std::move(rows[at])});
    }
  }
  return chosen;
}

void list_input::add_cases(const tenant_list& of, std::size_t places) {
  std::size_t first = (place_.page_number - 1) * page_size;
  if (place_.is_settled) {
    const auto last_active =
        std::find_if_not(of.rows.rbegin(), of.rows.rend(), [](auto row) { return is_over(row); });
    first += static_cast<std::size_t>(of.rows.rend() - last_active);
  }
  for (std::size_t place = 0; place < places; ++place) {
    const std::size_t at = first + place * places_apart;
    if (at + page_size > of.rows.size()) {
      return;
    }
    list_case made{of.tenant,
                   of.filter,
                   cursor_at(of, at),
                   static_cast<std::int64_t>(at),
                   {},
                   settled_from(of.rows, at)};
    for (std::size_t row = at; row < at + page_size; ++row) {
      made.expected.push_back(known_rows()[of.rows[row]].id);
    }
    cases_.push_back(std::move(made));
  }
}

// As a client comes there, but in larger steps.
std::string list_input::cursor_at(const tenant_list& of, std::size_t rows) const {
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
  return answer.keys == (answer.is_settled ? asked.settled : asked.expected)
             ? ""
             : fmt::format("tenant {}, {} rows on: {} rows that are not those of the history",
                           asked.tenant, asked.offset, answer.keys.size());
}

}  // namespace headroom::postgres_bench
