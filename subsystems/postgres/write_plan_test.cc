#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/postgres/binary_test_support.h"
#include "subsystems/postgres/write_plan_internal.h"

namespace engine::postgres {
namespace {

using testing::bytes_of;
using testing::elements_of;
using testing::number_of;
using testing::row;
using testing::rows_of;
using testing::value;

constexpr month march{202403};
constexpr std::string_view two_names[] = {"build", "test"};

time_point at(int second) { return march.begin() + std::chrono::seconds(second); }

uuid key(std::uint64_t number, month of = march) {
  return make_uuid(of.begin() + std::chrono::milliseconds(number), number);
}

change begins(const uuid& id, std::span<const std::string_view> tasks = two_names) {
  return new_execution{
      .id = id, .tenant_id = 7, .workflow_id = key(1), .input = "{}", .tasks = tasks};
}
change becomes(const uuid& id, execution_status status, int second, std::string_view outcome = {}) {
  return execution_transition{
      .execution_id = id, .status = status, .at = at(second), .outcome = outcome};
}
change task(const uuid& id, std::int16_t number, task_status status, int second,
            std::int16_t attempt = 1) {
  return task_transition{
      .execution_id = id, .task = number, .status = status, .attempt = attempt, .at = at(second)};
}

/// Each list a write; planned together.
class planned {
 public:
  explicit planned(const std::vector<std::vector<change>>& writes, std::size_t changes_max = 100) {
    for (const auto& each : writes) {
      from_.add(each, to_);
    }
    outcome = plan.build(from_, 0, writes.size(), changes_max);
  }

  write_plan plan;
  write_plan::outcome outcome{};

 private:
  receipt to_;
  pending_writes from_;
};

std::vector<std::int64_t> numbers_of(array_parameter& array) {
  std::vector<std::int64_t> numbers;
  for (const value& each : elements_of(array)) {
    numbers.push_back(each ? number_of(each) : -1);
  }
  return numbers;
}

using numbers = std::vector<std::int64_t>;

TEST(write_plan, rows_hold_what_went_in) {
  const uuid id = key(5);
  planned of({{begins(id),
               trace_span{.execution_id = id,
                          .span = 3,
                          .parent = -1,
                          .task = 1,
                          .name = "näme",
                          .started_at = at(1),
                          .finished_at = at(2),
                          .attributes = "[1]"},
               event{.execution_id = id, .sequence = 9, .kind = "kind", .at = at(4)}}});
  ASSERT_EQ(of.outcome.end, 1U);
  const auto active = rows_of(of.plan.active_executions);
  ASSERT_EQ(active.size(), 1U);
  ASSERT_EQ(active[0].size(), 7U);
  EXPECT_EQ(active[0][0], bytes_of(id));
  EXPECT_EQ(active[0][1], bytes_of(key(1)));
  EXPECT_EQ(active[0][2], std::nullopt);
  EXPECT_EQ(number_of(active[0][3]), 7);
  EXPECT_EQ(number_of(active[0][4]), 1);
  EXPECT_EQ(number_of(active[0][5]), 0);
  EXPECT_EQ(active[0][6], "{}");
  const auto tasks = rows_of(of.plan.task_records);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(number_of(tasks[1][3]), 1);
  EXPECT_EQ(tasks[1][6], "test");
  const auto spans = rows_of(of.plan.trace_spans);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(number_of(spans[0][1]), timestamp_of(at(1)));
  EXPECT_EQ(number_of(spans[0][4]), -1);
  EXPECT_EQ(spans[0][6], "näme");
  const auto events = rows_of(of.plan.events);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(number_of(events[0][2]), 9);
  EXPECT_EQ(events[0][4], std::nullopt);
  EXPECT_EQ(of.plan.changes(), 3U);
  EXPECT_EQ(of.plan.keys.begun.size(), 1U);
  EXPECT_EQ(of.plan.keys.ended.size(), 0U);
  EXPECT_EQ(of.plan.keys.months, std::vector{month_of(key(1))});
}

TEST(write_plan, transitions_of_a_task_become_the_last) {
  struct {
    std::vector<std::pair<task_status, int>> made;
    numbers after;  ///< status, attempt, start and finish as seconds, -1 for null
  } const cases[] = {
      {{{task_status::running, 1}}, {1, 1, 1, -1}},
      {{{task_status::running, 1}, {task_status::succeeded, 2}}, {2, 2, 1, 2}},
      {{{task_status::succeeded, 2}}, {2, 1, -1, 2}},
      {{{task_status::running, 1}, {task_status::failed, 2}, {task_status::running, 3}},
       {1, 3, 3, -1}},
      {{{task_status::running, 1}, {task_status::failed, 2}, {task_status::pending, 3}},
       {0, 3, 1, -1}},
      {{{task_status::pending, 3}}, {0, 1, -1, -1}},
  };
  const auto second_of = [](const value& of) {
    return of ? (number_of(of) - timestamp_of(at(0))) / 1'000'000 : -1;
  };
  for (const auto& each : cases) {
    for (const bool begun : {false, true}) {
      std::vector<std::vector<change>> writes;
      if (begun) {
        writes.push_back({begins(key(5))});
      }
      std::int16_t attempt = 0;
      for (const auto& [status, second] : each.made) {
        writes.push_back({task(key(5), 1, status, second, ++attempt)});
      }
      planned of(writes);
      ASSERT_EQ(of.outcome.end, writes.size());
      numbers got;
      if (begun) {
        const row made = rows_of(of.plan.task_records).at(1);
        got = {number_of(made[4]), number_of(made[5]), second_of(made[1]), second_of(made[2])};
        EXPECT_EQ(of.plan.task_months, 0U);
      } else {
        task_updates& made = of.plan.tasks.at(0);
        ASSERT_EQ(made.executions.size(), 1U);
        got = {numbers_of(made.statuses)[0], numbers_of(made.attempts)[0],
               second_of(elements_of(made.starts)[0]), second_of(elements_of(made.finishes)[0])};
      }
      EXPECT_EQ(got, each.after) << each.made.size() << (begun ? ", begun" : "");
    }
  }
}

TEST(write_plan, what_begins_and_ends_is_a_record_and_a_count) {
  std::vector<std::vector<change>> writes;
  for (std::uint64_t number = 0; number < 4; ++number) {
    writes.push_back({begins(key(number)), becomes(key(number), execution_status::running, 1)});
    writes.push_back(
        {becomes(key(number), number == 3 ? execution_status::failed : execution_status::succeeded,
                 2, "\"out\"")});
  }
  planned of(writes);
  ASSERT_EQ(of.outcome.end, writes.size());
  EXPECT_EQ(of.plan.active_executions.rows(), 0U);
  EXPECT_EQ(of.plan.executions.executions.size() + of.plan.ends.executions.size(), 0U);
  const auto records = rows_of(of.plan.execution_records);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(number_of(records[3][2]), timestamp_of(at(1)));
  EXPECT_EQ(number_of(records[3][3]), timestamp_of(at(2)));
  EXPECT_EQ(number_of(records[3][6]), 3);
  EXPECT_EQ(records[3][8], "\"out\"");
  EXPECT_EQ(numbers_of(of.plan.counts.succeeded), numbers{3});
  EXPECT_EQ(numbers_of(of.plan.counts.failed), numbers{1});
  EXPECT_EQ(numbers_of(of.plan.counts.cancelled), numbers{0});
  EXPECT_EQ(numbers_of(of.plan.counts.tenants), numbers{7});
  EXPECT_EQ(numbers_of(of.plan.counts.months), numbers{8'826});  // days from 2000 to March 2024
  EXPECT_EQ(of.plan.changes(), 12U);
  EXPECT_EQ(of.plan.merged(), 8U);
}

TEST(write_plan, others_are_updates_sorted_by_key) {
  planned of({{becomes(key(9), execution_status::running, 1)},
              {becomes(key(3), execution_status::cancelled, 2)},
              {becomes(key(4), execution_status::running, 3)},
              {becomes(key(1), execution_status::failed, 4, "{}")},
              {task(key(9), 1, task_status::running, 1)},
              {task(key(9), 0, task_status::running, 1)},
              {task(key(2, march.plus(1)), 0, task_status::running, 1)},
              {task(key(2), 7, task_status::running, 1)}});
  ASSERT_EQ(of.outcome.end, 8U);
  EXPECT_EQ(elements_of(of.plan.executions.executions), (row{bytes_of(key(4)), bytes_of(key(9))}));
  EXPECT_EQ(elements_of(of.plan.ends.executions), (row{bytes_of(key(1)), bytes_of(key(3))}));
  EXPECT_EQ(numbers_of(of.plan.ends.statuses), (numbers{3, 4}));
  EXPECT_EQ(elements_of(of.plan.ends.outcomes), (row{"{}", std::nullopt}));
  ASSERT_EQ(of.plan.task_months, 2U);
  EXPECT_EQ(of.plan.tasks[0].of, march);
  EXPECT_EQ(of.plan.tasks[1].of, march.plus(1));
  EXPECT_EQ(numbers_of(of.plan.tasks[0].tasks), (numbers{7, 0, 1}));
  EXPECT_EQ(elements_of(of.plan.tasks[0].executions),
            (row{bytes_of(key(2)), bytes_of(key(9)), bytes_of(key(9))}));
}

TEST(write_plan, ends_where_a_write_depends_on_what_is_stored) {
  constexpr auto done = execution_status::succeeded;
  struct {
    const char* what;
    std::vector<std::vector<change>> writes;
    std::size_t end;
  } const cases[] = {
      {"begun twice", {{begins(key(1))}, {begins(key(1))}, {begins(key(2))}}, 1},
      {"ended twice", {{becomes(key(1), done, 1)}, {becomes(key(1), done, 2)}}, 1},
      {"begun after a change", {{becomes(key(1), done, 1)}, {begins(key(1))}}, 1},
      {"begun after a task", {{task(key(1), 1, task_status::running, 1)}, {begins(key(1))}}, 1},
      {"no such task", {{begins(key(1))}, {task(key(1), 2, task_status::running, 1)}}, 1},
      {"a part of it fits",
       {{begins(key(1))}, {begins(key(2)), task(key(2), -1, task_status::running, 1)}},
       1},
      {"no status", {{begins(key(1))}, {becomes(key(1), static_cast<execution_status>(7), 1)}}, 1},
  };
  for (const auto& each : cases) {
    planned of(each.writes);
    EXPECT_FALSE(of.outcome.refusal) << each.what;
    EXPECT_EQ(of.outcome.end, each.end) << each.what;
    EXPECT_EQ(of.plan.changes(), each.writes[0].size()) << each.what;
    EXPECT_LE(of.plan.active_executions.rows(), 1U) << each.what;
    EXPECT_LE(of.plan.task_records.rows(), 2U) << each.what;
  }
}

TEST(write_plan, refuses_what_can_never_be_stored) {
  using namespace std::string_view_literals;
  const std::vector<std::string_view> too_many(32'769, "task");
  const std::string long_text(201, 'x');
  const std::vector<std::string_view> zero_byte{"ok", "ze\0ro"sv};
  const std::vector<std::string_view> no_name{""};
  const std::vector<std::string_view> long_name{long_text};
  struct {
    std::vector<change> write;
    errc code;
    std::string_view message;
  } const cases[] = {
      {{begins(key(1)), begins(key(1))}, errc::duplicate, "it exists already"},
      {{begins(key(1)), task(key(1), 2, task_status::running, 1)},
       errc::not_found,
       "it has no task 2"},
      {{task(key(1), 0, task_status::running, 1), begins(key(1))},
       errc::not_found,
       "before it began"},
      {{becomes(key(1), execution_status::failed, 1),
        becomes(key(1), execution_status::running, 2)},
       errc::not_found,
       "it is over already"},
      {{begins(key(1)), becomes(key(1), static_cast<execution_status>(5), 1)},
       errc::bad_input,
       "there is no status 5"},
      {{becomes(key(1), static_cast<execution_status>(-1), 1)},
       errc::bad_input,
       "there is no status -1"},
      {{task(key(1), 0, static_cast<task_status>(6), 1)}, errc::bad_input, "there is no status 6"},
      {{begins(key(1), zero_byte)}, errc::bad_input, "a task's name has a zero byte at offset 2"},
      {{begins(key(1), no_name)}, errc::bad_input, "a task's name is empty"},
      {{begins(key(1), long_name)}, errc::bad_input, "a task's name has 201 bytes, 200 are the"},
      {{trace_span{key(1), 1, -1, -1, "\xff", {}, {}, {}}},
       errc::bad_input,
       "a span's name is not UTF-8"},
      {{event{key(1), 1, "", {}, {}}}, errc::bad_input, "an event's kind is empty"},
      {{task_transition{key(1), 0, task_status::running, -1, {}}},
       errc::bad_input,
       "there is no attempt -1"},
      {{begins(key(1), too_many)}, errc::bad_input, "it has 32769 tasks, 32768 are the most"},
  };
  for (const auto& each : cases) {
    planned of({each.write, {begins(key(2))}});
    ASSERT_TRUE(of.outcome.refusal) << each.message;
    EXPECT_EQ(of.outcome.refusal->code, each.code) << each.message;
    EXPECT_NE(of.outcome.refusal->what().find(each.message), std::string::npos)
        << of.outcome.refusal->what();
    EXPECT_EQ(of.outcome.end, 1U);
    EXPECT_EQ(of.plan.active_executions.rows() + of.plan.task_records.rows(), 0U) << each.message;
  }
}

TEST(write_plan, holds_no_more_than_asked_for) {
  const std::vector<change> two{task(key(1), 0, task_status::running, 1),
                                task(key(1), 1, task_status::running, 1)};
  const std::vector<std::vector<change>> writes(5, two);
  for (const auto& [changes_max, end] :
       std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {2, 1}, {3, 1}, {4, 2}, {99, 5}}) {
    EXPECT_EQ(planned(writes, changes_max).outcome.end, end) << changes_max;
  }
}

TEST(write_plan, is_built_again_without_a_trace) {
  receipt to;
  pending_writes from;
  const std::vector<change> first{begins(key(1), {}), becomes(key(1), execution_status::failed, 1),
                                  task(key(2), 0, task_status::running, 1)};
  const std::vector<change> second{begins(key(3), {})};
  from.add(first, to);
  from.add(second, to);
  write_plan plan;
  EXPECT_EQ(plan.build(from, 0, 1, 100).end, 1U);
  EXPECT_EQ(elements_of(plan.keys.ended), row{bytes_of(key(1))});
  EXPECT_EQ(plan.keys.begun.size(), 0U);
  EXPECT_EQ(plan.build(from, 1, 2, 100).end, 2U);
  EXPECT_EQ(plan.task_months, 0U);
  EXPECT_EQ(plan.counts.workflows.size(), 0U);
  EXPECT_EQ(plan.execution_records.rows(), 0U);
  EXPECT_EQ(elements_of(plan.keys.begun), row{bytes_of(key(3))});
  EXPECT_EQ(plan.keys.ended.size(), 0U);
  EXPECT_EQ(rows_of(plan.active_executions).size(), 1U);
}

TEST(binary, times_beyond_the_calendar_of_the_server_are_what_it_refuses) {
  constexpr std::int64_t offset = 946'684'800'000'000;
  const auto micros = [](std::int64_t count) {
    return time_point(std::chrono::microseconds(count));
  };
  EXPECT_EQ(timestamp_of(micros(0)), -offset);
  EXPECT_EQ(timestamp_of(micros(offset + 1)), 1);
  // The least and the greatest number are the server's infinities.
  EXPECT_EQ(timestamp_of(time_point::min()), std::numeric_limits<std::int64_t>::min() + 1);
  EXPECT_EQ(timestamp_of(time_point::min() + std::chrono::microseconds(offset)),
            std::numeric_limits<std::int64_t>::min() + 1);
  EXPECT_EQ(timestamp_of(time_point::max()), std::numeric_limits<std::int64_t>::max() - offset);
}

}  // namespace
}  // namespace engine::postgres
