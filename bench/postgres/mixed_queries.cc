#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "bench/postgres/mixed_load.h"
#include "fixtures/random.h"

namespace headroom::postgres_bench {
namespace {

namespace pg = engine::postgres;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds checkout_timeout{2'000};

mixed_call call_of(query_kind kind) {
  switch (kind) {
    case query_kind::get:
      return mixed_call::get;
    case query_kind::trace:
      return mixed_call::trace;
    case query_kind::list_workflows:
      return mixed_call::workflows;
    case query_kind::count:
      return mixed_call::count;
    default:
      return mixed_call::list;
  }
}

template <class T>
std::string problem_of(const pg::result<T>& answer, bool is_right) {
  return !answer ? answer.error().what() : is_right ? "" : "another's answer";
}

/// What went wrong; empty if nothing.
std::string ask(const picked_query& wanted, const query_picker& picker, pg::store_connection& on) {
  switch (wanted.kind) {
    case query_kind::get: {
      const auto got = on.executions().get(wanted.tenant, wanted.id);
      return problem_of(got, got && got->summary.id == wanted.id);
    }
    case query_kind::trace: {
      const auto got = on.executions().get_trace(wanted.tenant, wanted.id);
      return problem_of(got, got && got->execution.summary.id == wanted.id && !got->tasks.empty());
    }
    case query_kind::list_workflows: {
      const auto got = on.workflows().list_workflows(wanted.tenant);
      return problem_of(got, got && !got->items.empty());
    }
    case query_kind::count: {
      const auto got = on.executions().count(wanted.tenant);
      return problem_of(got, got && got->succeeded > 0);
    }
    default: {
      const auto got = on.executions().list_executions(wanted.tenant, wanted.filter,
                                                       {.size = 20, .after = wanted.cursor});
      return got ? picker.problem_of(wanted, got->items) : got.error().what();
    }
  }
}

}  // namespace

mixed_queries::mixed_queries(const std::string& url, const query_picker& picker,
                             std::uint32_t per_second, mixed_figures& figures)
    : picker_(picker),
      per_second_(per_second),
      figures_(figures),
      pool_(pg::store_pool::open(pg::store_connector(url),
                                 {.size_min = connections, .size_max = connections})
                .value()) {
  for (unsigned number = 0; number < threads; ++number) {
    threads_.emplace_back([this, number] { ask_by_schedule(number); });
  }
}

void mixed_queries::finish() {
  ending_ = true;
  for (std::thread& each : threads_) {
    if (each.joinable()) {
      each.join();
    }
  }
}

void mixed_queries::ask_by_schedule(unsigned number) {
  engine::fixtures::random source(900 + number);
  while (!ending_) {
    const mixed_figures::clock::time_point due =
        start_ + std::chrono::nanoseconds(1s) * next_++ / per_second_;
    std::this_thread::sleep_until(due);
    const picked_query wanted = picker_.pick(source);
    const mixed_call call = call_of(wanted.kind);
    pg::result<pg::store_pool::lease> lease = pool_.checkout(checkout_timeout, "mixed load");
    if (!lease) {
      figures_.fail(call, lease.error().what());
      continue;
    }
    const std::string problem = ask(wanted, picker_, **lease);
    lease->release();
    problem.empty() ? figures_.record(call, due) : figures_.fail(call, problem);
  }
}

}  // namespace headroom::postgres_bench
