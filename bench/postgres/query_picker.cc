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
  random source(23);
  for (int tried = 0; further_pages_.size() < further_pages && tried < 4'096; ++tried) {
    const known_row& row = any_row(source);
    const store::execution_filter filter = any_filter(row, source);
    std::string cursor;
    const std::uint32_t pages = 1 + source.below(5);
    for (std::uint32_t page = 0; page < pages; ++page) {
      cursor =
          take(through.history().list_executions(row.tenant, filter, {page_size, cursor})).next;
      if (cursor.empty()) {
        break;
      }
    }
    if (!cursor.empty()) {
      further_pages_.push_back({row.tenant, filter, std::move(cursor)});
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

}  // namespace headroom::postgres_bench
