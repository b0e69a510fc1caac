// What is stored comes back: traces, inputs and outcomes, whatever their texts say.
#include <string>

#include <gtest/gtest.h>

#include "subsystems/postgres/history_test_support.h"
#include "subsystems/postgres/hostile_texts_test_support.h"

namespace engine::postgres {
namespace {

constexpr month traced_month{202403};

class history_trace : public testing::Test {
 protected:
  history_trace() : store(traced_month, traced_month), opened(store.connect()), queries(opened) {}

  void add_execution(const std::string& input, const std::string& outcome) {
    pqxx::nontransaction work(store.on());
    work.exec_params(
        "INSERT INTO execution_records (id, workflow_id, started_at, finished_at, tenant_id, "
        "workflow_version, status, input, outcome) VALUES ($1, $2, '2024-03-01 00:00:01.000002Z', "
        "'2024-03-01 00:00:02Z', 1, 3, 3, $3, $4)",
        traced.text(), workflow.text(), input, outcome);
  }
  void add_task(int number, const std::string& name) {
    pqxx::nontransaction work(store.on());
    work.exec_params("INSERT INTO task_records VALUES ($1, NULL, NULL, $2, 4, 0, $3)",
                     traced.text(), number, name);
  }
  void add_span(int number, const std::string& name, const std::string& attributes) {
    pqxx::nontransaction work(store.on());
    work.exec_params(
        "INSERT INTO trace_spans VALUES ($1, '2024-03-01 00:00:01.5Z', '2024-03-01 "
        "00:00:01.75Z', $2, $2 - 1, 0, $3, nullif($4, '')::json)",
        traced.text(), number, name, attributes);
  }

  test_store store;
  session opened;
  history queries;
  const uuid traced = key_in(traced_month, 1);
  const uuid workflow = key_in(month{202001}, 10);
};

TEST_F(history_trace, has_everything) {
  add_execution(R"({"in": 1})", R"({"out": 2})");
  for (const int number : {2, 0, 1}) {
    add_task(number, "task-" + std::to_string(number));
    add_span(number, "span-" + std::to_string(number), number == 1 ? "" : R"({"n": [1]})");
  }
  const execution_trace trace = queries.get_trace(1, traced).value();
  const time_point begun = traced_month.begin() + std::chrono::seconds(1);
  EXPECT_EQ(trace.execution.summary,
            (execution_summary{.id = traced,
                               .workflow_id = workflow,
                               .workflow_version = 3,
                               .status = execution_status::failed,
                               .started_at = begun + std::chrono::microseconds(2),
                               .finished_at = begun + std::chrono::seconds(1)}));
  EXPECT_EQ(trace.execution.input, R"({"in": 1})");
  EXPECT_EQ(trace.execution.outcome, R"({"out": 2})");
  EXPECT_FALSE(trace.is_cut);
  ASSERT_EQ(trace.tasks.size(), 3U);
  ASSERT_EQ(trace.spans.size(), 3U);
  for (std::size_t at = 0; at < 3; ++at) {
    const task_view& task = trace.tasks[at];
    EXPECT_EQ(task.number, static_cast<int>(at));
    EXPECT_EQ(task.name, "task-" + std::to_string(at));
    EXPECT_EQ(task.status, task_status::skipped);
    EXPECT_FALSE(task.started_at || task.finished_at);
    const span_view& span = trace.spans[at];
    EXPECT_EQ(span.number, static_cast<int>(at));
    EXPECT_EQ(span.parent, static_cast<int>(at) - 1);
    EXPECT_EQ(span.task, 0);
    EXPECT_EQ(span.started_at, begun + std::chrono::milliseconds(500));
    EXPECT_EQ(span.finished_at, begun + std::chrono::milliseconds(750));
    EXPECT_EQ(span.attributes, at == 1 ? "" : R"({"n": [1]})");
  }
  const execution_view got = queries.get(1, traced).value();
  EXPECT_EQ(got.summary, trace.execution.summary);
  EXPECT_EQ(got.input, trace.execution.input);
  EXPECT_EQ(got.outcome, trace.execution.outcome);
}

TEST_F(history_trace, without_tasks_and_payloads) {
  store.run("INSERT INTO active_executions VALUES ('" + traced.text() + "', '" + workflow.text() +
            "', NULL, 1, 1, 0, NULL)");
  const execution_trace trace = queries.get_trace(1, traced).value();
  EXPECT_EQ(trace.execution.summary.status, execution_status::pending);
  EXPECT_FALSE(trace.execution.summary.started_at || trace.execution.summary.finished_at);
  EXPECT_TRUE(trace.execution.input.empty() && trace.execution.outcome.empty());
  EXPECT_TRUE(trace.tasks.empty() && trace.spans.empty());
}

TEST_F(history_trace, texts_come_back_as_they_were) {
  const auto texts = hostile_texts();
  add_execution(json_string_of(texts[0]), json_string_of(texts[21]));
  for (std::size_t at = 0; at < texts.size(); ++at) {
    add_task(static_cast<int>(at), texts[at]);
    add_span(static_cast<int>(at), texts[at], json_string_of(texts[at]));
  }
  const execution_trace trace = queries.get_trace(1, traced).value();
  ASSERT_EQ(trace.tasks.size(), texts.size());
  ASSERT_EQ(trace.spans.size(), texts.size());
  for (std::size_t at = 0; at < texts.size(); ++at) {
    EXPECT_EQ(trace.tasks[at].name, texts[at]);
    EXPECT_EQ(trace.spans[at].name, texts[at]);
    EXPECT_EQ(trace.spans[at].attributes, json_string_of(texts[at]));
  }
  EXPECT_EQ(trace.execution.outcome, json_string_of(texts[21]));
}

TEST_F(history_trace, large_payloads) {
  fixtures::random source(5);
  std::string random_text = "\"";
  while (random_text.size() < 5'000'000) {
    random_text += static_cast<char>('a' + source.below(26));
  }
  random_text += '"';
  const std::string repeated = '"' + std::string(1'000'000, 'x') + '"';
  add_execution(random_text, repeated);
  add_span(0, "large", random_text);
  add_span(1, "repeated", repeated);
  const execution_trace trace = queries.get_trace(1, traced).value();
  EXPECT_TRUE(trace.execution.input == random_text);
  EXPECT_TRUE(trace.execution.outcome == repeated);
  EXPECT_TRUE(trace.spans[0].attributes == random_text);
  EXPECT_TRUE(trace.spans[1].attributes == repeated);
}

TEST_F(history_trace, is_cut_where_it_is_too_long) {
  add_execution("1", "2");
  for (int number = 0; number < 6; ++number) {
    add_span(number, "span", "");
  }
  session other = store.connect();
  history few(other, {.spans_max = 5});
  const execution_trace trace = few.get_trace(1, traced).value();
  EXPECT_TRUE(trace.is_cut);
  ASSERT_EQ(trace.spans.size(), 5U);
  EXPECT_EQ(trace.spans.back().number, 4);
  store.run("DELETE FROM trace_spans WHERE span = 5");
  EXPECT_FALSE(few.get_trace(1, traced).value().is_cut);
}

}  // namespace
}  // namespace engine::postgres
