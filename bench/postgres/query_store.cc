#include "bench/postgres/query_store.h"

#include <algorithm>
#include <chrono>

namespace headroom::postgres_bench {
namespace {

namespace fixtures = engine::fixtures;
namespace store = engine::postgres;

std::uint64_t history_size = 1'000'000;

store::steady_time deadline() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

}  // namespace

void choose_history_size(effort spent) {
  history_size = spent == effort::smoke ? 20'000 : spent == effort::quick ? 200'000 : 1'000'000;
}

const fixtures::postgres_history_server& seeded_server() {
  static const fixtures::postgres_history_server started(
      {.description = fixtures::history_description::of_size(history_size)});
  return started;
}

std::vector<std::pair<std::string, std::string>> seeded_context() {
  return seeded_server().context();
}

store::time_point seeded_present() {
  return fixtures::history_description().end - std::chrono::microseconds(1);
}

const std::vector<known_row>& known_rows() {
  static const std::vector<known_row> rows = [] {
    const fixtures::postgres_history& history = seeded_server().history();
    std::vector<known_row> made;
    made.reserve(history.size());
    for (std::uint64_t number = history.size(); number-- > 0;) {
      const fixtures::made_execution each = history.execution(number);
      made.push_back(
          {each.id, number, history.workflows()[each.workflow].tenant, each.workflow, each.status});
    }
    return made;
  }();
  return rows;
}

std::vector<std::size_t> matching_rows(std::int32_t tenant, const store::execution_filter& filter) {
  const auto& workflows = seeded_server().history().workflows();
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < known_rows().size(); ++at) {
    const known_row& row = known_rows()[at];
    if (row.tenant == tenant && (!filter.status || row.status == *filter.status) &&
        (!filter.workflow_id || workflows[row.workflow].id == *filter.workflow_id) &&
        (!filter.from || row.id.time() >= *filter.from) &&
        (!filter.until || row.id.time() < *filter.until)) {
      found.push_back(at);
    }
  }
  return found;
}

query_link::query_link()
    : session_(take(store::session::connect(seeded_server().url(), deadline()))),
      history_(session_, {.clock = seeded_present}),
      others_(session_, std::chrono::seconds(60), 64) {
  // Its settings hold for all candidates from now on.
  static_cast<void>(take(history_.count(1)));
}

store::query_result query_link::run(const std::string& name, const std::string& sql,
                                    const store::parameters& with) {
  return take(others_.run(
      name, [&sql] { return sql; }, with));
}

}  // namespace headroom::postgres_bench
