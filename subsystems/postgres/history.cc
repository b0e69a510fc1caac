#include "subsystems/postgres/history.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "subsystems/postgres/cursor.h"
#include "subsystems/postgres/history_sql_internal.h"
#include "subsystems/postgres/row_reader_internal.h"

namespace engine::postgres {
namespace {

// Keys hold 48 bits of milliseconds; no date that anybody means is later.
constexpr time_point time_max = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

uuid largest_key() {
  uuid key;
  key.bytes.fill(0xff);
  return key;
}

uuid key_at(time_point at) { return at > time_max ? largest_key() : first_uuid_of(at); }

std::string_view bytes_of(const uuid& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

std::uint64_t hash_of_number(std::int64_t number, std::uint64_t seed) {
  return hash_of({reinterpret_cast<const char*>(&number), sizeof number}, seed);
}

// What a cursor belongs to. The machine's order of bytes is part of it, as both sides of a list are
// programs of one installation.
std::uint64_t list_of(std::int32_t tenant, const execution_filter& filter) {
  const auto time_of = [](const std::optional<time_point>& at) {
    return at ? std::int64_t{at->time_since_epoch().count()} : std::int64_t{-1};
  };
  std::uint64_t hash = hash_of("executions");
  hash = hash_of_number(tenant, hash);
  hash = hash_of_number(filter.workflow_id ? 1 : 0, hash);
  hash = hash_of(bytes_of(filter.workflow_id.value_or(uuid{})), hash);
  hash = hash_of_number(filter.status ? static_cast<std::int64_t>(*filter.status) : -1, hash);
  hash = hash_of_number(filter.from ? 1 : 0, hash);
  hash = hash_of_number(time_of(filter.from), hash);
  hash = hash_of_number(filter.until ? 1 : 0, hash);
  return hash_of_number(time_of(filter.until), hash);
}

result<void> check_request(const execution_filter& filter, const page_request& request) {
  if (request.size < 1 || request.size > page_size_max) {
    return error{errc::bad_input, fmt::format("a page of {} rows: 1 to {} can be asked for",
                                              request.size, page_size_max)};
  }
  if (filter.from && filter.until && *filter.from > *filter.until) {
    return error{errc::bad_input, "the range of time ends before it begins"};
  }
  if (filter.status && name_of(*filter.status) == "unknown") {
    return error{errc::bad_input, fmt::format("{} is no status", static_cast<int>(*filter.status))};
  }
  return {};
}

execution_summary summary_in(const row_reader& row) {
  return {.id = row.key(0),
          .workflow_id = row.key(1),
          .workflow_version = row.int4(4),
          .status = static_cast<execution_status>(row.int2(5)),
          .started_at = row.optional_time(2),
          .finished_at = row.optional_time(3)};
}

error not_found(std::int32_t tenant, const uuid& id) {
  return {errc::not_found, fmt::format("tenant {} has no execution {}", tenant, id.text())};
}

task_view task_in(const row_reader& row) {
  return {.number = static_cast<std::int16_t>(row.int4(1)),
          .attempt = row.int2(3),
          .status = static_cast<task_status>(row.int2(4)),
          .name = std::string(row.text(7)),
          .started_at = row.optional_time(5),
          .finished_at = row.optional_time(6)};
}

span_view span_in(const row_reader& row) {
  return {.number = row.int4(1),
          .parent = row.int4(2),
          .task = row.int2(3),
          .name = std::string(row.text(7)),
          .started_at = row.time(5),
          .finished_at = row.time(6),
          .attributes = std::string(row.text(8))};
}

execution_view execution_in(const row_reader& row, const uuid& id) {
  return {.summary = {.id = id,
                      .workflow_id = row.key(9),
                      .workflow_version = row.int4(1),
                      .status = static_cast<execution_status>(row.int2(4)),
                      .started_at = row.optional_time(5),
                      .finished_at = row.optional_time(6)},
          .input = std::string(row.text(7)),
          .outcome = std::string(row.text(8))};
}

}  // namespace

struct history::list_query {
  std::int32_t tenant;
  const execution_filter* filter;
  key_range range;
  std::size_t rows_max;
};

history::history(session& on, const history_options& options)
    : options_(options),
      statements_(on, options.timeout, options.statements_max, history_settings) {}

result<page<execution_summary>> history::list_executions(std::int32_t tenant,
                                                         const execution_filter& filter,
                                                         const page_request& request) {
  if (const result<void> sound = check_request(filter, request); !sound) {
    return sound.error();
  }
  key_range range{filter.from ? key_at(*filter.from) : uuid{},
                  filter.until ? key_at(*filter.until) : largest_key()};
  const std::uint64_t list = list_of(tenant, filter);
  if (!request.after.empty()) {
    const result<std::string> key = parse_cursor_of(list, request.after);
    if (!key) {
      return key.error();
    }
    uuid last;
    if (key->size() != last.bytes.size()) {
      return error{errc::bad_cursor, "the cursor has no key of an execution"};
    }
    std::memcpy(last.bytes.data(), key->data(), last.bytes.size());
    range.upper = std::min(range.upper, last);
  }
  page<execution_summary> made;
  // One more than asked for tells whether there is a next page.
  const list_query query{tenant, &filter, range, request.size + 1};
  if (const result<void> read = read_list(query, made.items); !read) {
    return read.error();
  }
  if (made.items.size() > request.size) {
    made.items.resize(request.size);
    made.next = text_of({list, std::string(bytes_of(made.items.back().id))});
  }
  return made;
}

result<void> history::read_list(const list_query& query, std::vector<execution_summary>& into) {
  for (int attempt = 0;; ++attempt) {
    if (const result<void> fresh = refresh_months(); !fresh) {
      return fresh.error();
    }
    into.clear();
    into.reserve(query.rows_max);
    const std::span<const month> months = months_within(query.range);
    const std::size_t first = first_portion(months);
    key_range range = query.range;
    if (first < months.size()) {
      range.lower = first_uuid_of(months[first - 1].begin());
    }
    result<void> read = read_portion(query, range, months.first(first), into);
    if (read && first < months.size() && into.size() < query.rows_max) {
      range = {query.range.lower, range.lower};
      read = read_portion(query, range, months.subspan(first), into);
    }
    if (read || attempt > 0 || !statements_.misses_table()) {
      return read;
    }
    months_read_at_.reset();
  }
}

result<void> history::read_portion(const list_query& query, const key_range& range,
                                   std::span<const month> months,
                                   std::vector<execution_summary>& into) {
  const execution_filter& filter = *query.filter;
  list_shape shape{filter.workflow_id.has_value(), filter.status.has_value()};
  shape.reads_active = !filter.status || !is_final(*filter.status);
  shape.reads_history = (!filter.status || is_final(*filter.status)) && !months.empty();
  if (!shape.reads_active && !shape.reads_history) {
    return {};
  }
  parameters with;
  with.add(query.tenant).add(range.lower).add(range.upper);
  with.add(static_cast<std::int64_t>(query.rows_max - into.size()));
  if (filter.workflow_id) {
    with.add(*filter.workflow_id);
  }
  if (filter.status) {
    with.add(static_cast<std::int16_t>(*filter.status));
  }
  char name[64];
  const std::span<const month> named = shape.reads_history ? months : std::span<const month>();
  const auto end = fmt::format_to_n(name, sizeof name, "list_{}_{}_{}_{}", shape.code(),
                                    named.empty() ? 0 : named.front().yyyymm,
                                    named.empty() ? 0 : named.back().yyyymm, named.size());
  const result<query_result> rows = statements_.run(
      {name, end.size}, [&] { return list_statement(shape, named); }, with);
  if (!rows) {
    return rows.error();
  }
  for (int row = 0; row < PQntuples(rows->get()); ++row) {
    into.push_back(summary_in({rows->get(), row}));
  }
  return {};
}

result<execution_view> history::get(std::int32_t tenant, const uuid& id) {
  const result<query_result> rows = read_one("get", tenant, id);
  if (!rows) {
    return rows.error();
  }
  if (PQntuples(rows->get()) == 0) {
    return not_found(tenant, id);
  }
  const row_reader row(rows->get(), 0);
  return execution_view{summary_in(row), std::string(row.text(7)), std::string(row.text(8))};
}

result<execution_trace> history::get_trace(std::int32_t tenant, const uuid& id) {
  const result<query_result> rows = read_one("trace", tenant, id);
  if (!rows) {
    return rows.error();
  }
  execution_trace trace;
  bool found = false;
  for (int at = 0; at < PQntuples(rows->get()); ++at) {
    const row_reader row(rows->get(), at);
    switch (static_cast<trace_row>(row.int2(0))) {
      case trace_row::execution:
        trace.execution = execution_in(row, id);
        found = true;
        break;
      case trace_row::task:
        trace.tasks.push_back(task_in(row));
        break;
      case trace_row::span:
        trace.spans.push_back(span_in(row));
        break;
    }
  }
  if (!found) {
    return not_found(tenant, id);
  }
  trace.is_cut = trace.spans.size() > static_cast<std::size_t>(options_.spans_max);
  if (trace.is_cut) {
    trace.spans.pop_back();
  }
  return trace;
}

result<query_result> history::read_one(std::string_view kind, std::int32_t tenant, const uuid& id) {
  parameters with;
  with.add(id).add(tenant);
  const bool is_trace = kind == "trace";
  if (is_trace) {
    with.add(std::int64_t{options_.spans_max} + 1);
  }
  const month of = month_of(id);
  for (int attempt = 0;; ++attempt) {
    const result<bool> has = has_month(id);
    if (!has) {
      return has.error();
    }
    const month* const partition = *has ? &of : nullptr;
    char name[32];
    const auto end = fmt::format_to_n(name, sizeof name, "{}_{}", kind, *has ? of.yyyymm : 0);
    result<query_result> rows = statements_.run(
        {name, end.size},
        [&] { return is_trace ? trace_statement(partition) : get_statement(partition); }, with);
    if (rows || attempt > 0 || !statements_.misses_table()) {
      return rows;
    }
    months_read_at_.reset();
  }
}

result<execution_totals> history::count(std::int32_t tenant,
                                        const std::optional<uuid>& workflow_id) {
  parameters with;
  with.add(tenant);
  if (workflow_id) {
    with.add(*workflow_id);
  }
  const result<query_result> rows = statements_.run(
      workflow_id ? "count_workflow" : "count_tenant",
      [&] { return count_statement(workflow_id.has_value()); }, with);
  if (!rows) {
    return rows.error();
  }
  const row_reader row(rows->get(), 0);
  return execution_totals{row.int8(0), row.int8(1), row.int8(2), row.int8(3), row.int8(4)};
}

result<void> history::refresh_months() {
  const auto moment = std::chrono::steady_clock::now();
  if (months_read_at_ && moment - *months_read_at_ < options_.months_age_max) {
    return {};
  }
  const result<query_result> rows = statements_.run("months", months_statement, parameters());
  if (!rows) {
    return rows.error();
  }
  months_.clear();
  for (int row = 0; row < PQntuples(rows->get()); ++row) {
    months_.push_back({row_reader(rows->get(), row).int4(0)});
  }
  months_read_at_ = moment;
  return {};
}

result<bool> history::has_month(const uuid& id) {
  if (const result<void> fresh = refresh_months(); !fresh) {
    return fresh.error();
  }
  return std::binary_search(months_.begin(), months_.end(), month_of(id), std::greater<>());
}

std::span<const month> history::months_within(const key_range& range) const {
  // Newest first: leave out what begins at or above the upper end, and what ends below the lower.
  const auto begin = std::find_if(months_.begin(), months_.end(), [&](month each) {
    return first_uuid_of(each.begin()) < range.upper;
  });
  const auto end = std::find_if(begin, months_.end(), [&](month each) {
    return first_uuid_of(each.plus(1).begin()) <= range.lower;
  });
  return {begin, end};
}

// The present month and those made ahead together, as clocks differ; otherwise one.
std::size_t history::first_portion(std::span<const month> months) const {
  const month present = month_of(options_.clock());
  const auto past =
      std::find_if(months.begin(), months.end(), [&](month each) { return each < present; });
  const auto ahead = static_cast<std::size_t>(past - months.begin());
  return std::min(months.size(), std::max<std::size_t>(ahead, 1));
}

}  // namespace engine::postgres
