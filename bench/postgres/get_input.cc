#include "bench/postgres/get_input.h"

#include <algorithm>

#include <fmt/format.h>

#include "fixtures/random.h"

namespace headroom::postgres_bench {
namespace {

namespace fixtures = engine::fixtures;

known_row row_of(std::uint64_t number) {
  // The newest is first.
  return known_rows()[known_rows().size() - 1 - number];
}

}  // namespace

get_input::get_input() {
  fixtures::random source(11);
  const auto size = static_cast<std::uint32_t>(known_rows().size());
  for (std::size_t at = 0; at < cases_max; ++at) {
    cases_.push_back(known_rows()[source.below(size)]);
    // Nobody finds a page cold that another will find warm.
    static_cast<void>(take(link_->history().get(cases_.back().tenant, cases_.back().id)));
  }
}

std::string get_input::mismatch(const answered& answer) const {
  const known_row& asked = cases_[answer.which];
  const fixtures::made_execution made = seeded_server().history().execution(asked.number);
  const bool is_right = answer.view->summary.id == made.id &&
                        answer.view->summary.status == made.status &&
                        answer.view->input == made.input && answer.view->outcome == made.outcome;
  return is_right ? "" : fmt::format("{} is not what was stored", made.id.text());
}

trace_input::trace_input(std::uint32_t payload_kb) : payload_kb_(payload_kb) {
  const fixtures::postgres_history& history = seeded_server().history();
  for (std::uint64_t at = 0; at < history.example_traces(); ++at) {
    cases_.push_back(row_of(history.example_trace(payload_kb, at)));
    static_cast<void>(take(link_->history().get_trace(cases_.back().tenant, cases_.back().id)));
  }
}

std::string trace_input::mismatch(const answered& answer) const {
  const known_row& asked = cases_[answer.which];
  const fixtures::postgres_history& history = seeded_server().history();
  const fixtures::made_execution made = history.execution(asked.number);
  const auto& trace = *answer.trace;
  bool is_right =
      trace.execution.summary.id == made.id &&
      trace.spans.size() == static_cast<std::size_t>(made.spans) &&
      trace.tasks.size() == static_cast<std::size_t>(history.workflows()[made.workflow].tasks);
  for (std::int32_t span = 0; is_right && span < made.spans; ++span) {
    is_right = trace.spans[static_cast<std::size_t>(span)].attributes ==
               history.span_attributes(made, span);
  }
  return is_right ? "" : fmt::format("the trace of {} is not what was stored", made.id.text());
}

count_input::count_input() : counts_(tenants + 1) {
  for (const known_row& each : known_rows()) {
    if (each.tenant <= tenants) {
      ++counts_[static_cast<std::size_t>(each.tenant)];
    }
  }
}

std::string count_input::mismatch(const answered& answer) const {
  const std::int64_t expected = counts_[static_cast<std::size_t>(answer.tenant)];
  return answer.count == expected ? ""
                                  : fmt::format("tenant {}: {} executions, not {}", answer.tenant,
                                                answer.count, expected);
}

}  // namespace headroom::postgres_bench
