#include "bench/postgres/query_picker.h"

#include <chrono>

namespace headroom::postgres_bench {
namespace {

namespace store = engine::postgres;
using engine::fixtures::random;

constexpr std::size_t further_pages = 256;
constexpr std::size_t page_size = 20;

query_kind kind_of(std::uint32_t of_100) {
  return of_100 < 35   ? query_kind::list
         : of_100 < 50 ? query_kind::list_further
         : of_100 < 80 ? query_kind::get
         : of_100 < 88 ? query_kind::trace
         : of_100 < 93 ? query_kind::list_workflows
                       : query_kind::count;
}

}  // namespace

query_picker::query_picker(query_link& through) {
  for (const auto& each : seeded_server().history().workflows()) {
    tenants_.emplace(each.id, each.tenant);
  }
  for (const known_row& each : known_rows()) {
    stored_statuses_.emplace(each.tenant, each.status);
  }
  random source(23);
  for (int tried = 0; further_pages_.size() < further_pages && tried < 4'096; ++tried) {
    const known_row& row = any_row(source);
    const store::execution_filter filter = any_filter(row, source);
    std::string cursor;
    store::uuid before;
    const std::uint32_t pages = 1 + source.below(5);
    for (std::uint32_t page = 0; page < pages; ++page) {
      const auto got =
          take(through.history().list_executions(row.tenant, filter, {page_size, cursor}));
      cursor = got.next;
      if (cursor.empty()) {
        break;
      }
      before = got.items.back().id;
    }
    if (!cursor.empty()) {
      further_pages_.push_back({row.tenant, filter, std::move(cursor), before});
    }
  }
  if (further_pages_.empty()) {
    throw std::runtime_error("no list of the history has a second page");
  }
}

const known_row& query_picker::any_row(random& source) const {
  return known_rows()[source.below(static_cast<std::uint32_t>(known_rows().size()))];
}

store::execution_filter query_picker::any_filter(const known_row& of, random& source) const {
  const std::uint32_t drawn = source.below(10);
  if (drawn < 6) {
    return {};
  }
  if (drawn < 8) {
    constexpr store::execution_status asked[] = {
        store::execution_status::running, store::execution_status::failed,
        store::execution_status::failed, store::execution_status::cancelled};
    return {.status = asked[source.below(4)]};
  }
  if (drawn < 9) {
    return {.workflow_id = seeded_server().history().workflows()[of.workflow].id};
  }
  const auto day = std::chrono::floor<std::chrono::days>(of.id.time());
  return {.from = day, .until = day + std::chrono::days(1)};
}

picked_query query_picker::pick(random& source) const {
  picked_query made;
  made.kind = kind_of(source.below(100));
  const known_row* row = &any_row(source);
  switch (made.kind) {
    case query_kind::list_further: {
      const further_page& page =
          further_pages_[source.below(static_cast<std::uint32_t>(further_pages_.size()))];
      made.tenant = page.tenant;
      made.filter = page.filter;
      made.cursor = page.cursor;
      made.before = page.before;
      return made;
    }
    case query_kind::list:
      made.filter = any_filter(*row, source);
      break;
    case query_kind::get:
    case query_kind::trace:
      if (source.below(2) == 0) {
        row =
            &known_rows()[source.below(static_cast<std::uint32_t>(known_rows().size() / 100 + 1))];
      }
      made.id = row->id;
      break;
    case query_kind::list_workflows:
    case query_kind::count:
      break;
  }
  made.tenant = row->tenant;
  return made;
}

std::string query_picker::problem_of(const picked_query& asked,
                                     const std::vector<store::execution_summary>& answer) const {
  const store::execution_filter& filter = asked.filter;
  if (answer.empty()) {
    const bool may_be_empty = asked.kind == query_kind::list && filter.status &&
                              !stored_statuses_.contains({asked.tenant, *filter.status});
    return may_be_empty ? "" : "an empty list";
  }
  if (answer.size() > page_size) {
    return "too many rows";
  }
  store::uuid before = asked.before;
  if (asked.kind == query_kind::list) {
    before.bytes.fill(0xff);
  }
  for (const store::execution_summary& each : answer) {
    const auto tenant = tenants_.find(each.workflow_id);
    if (tenant == tenants_.end() || tenant->second != asked.tenant) {
      return "another tenant's row";
    }
    if ((filter.status && each.status != *filter.status) ||
        (filter.workflow_id && each.workflow_id != *filter.workflow_id) ||
        (filter.from && each.created_at() < *filter.from) ||
        (filter.until && each.created_at() >= *filter.until)) {
      return "a row that is not asked for";
    }
    if (!(each.id < before)) {
      return "rows in another order";
    }
    before = each.id;
  }
  return "";
}

}  // namespace headroom::postgres_bench
