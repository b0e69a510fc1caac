#include "subsystems/postgres/history.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/cursor.h"
#include "subsystems/postgres/history_test_support.h"

namespace engine::postgres {
namespace {

const month first_month = present.plus(-3);

/// A few thousand executions of four months, of which the last is this one.
class history_of : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    store = std::make_unique<test_store>(first_month, present.plus(2));
    all = random_executions(4'000, first_month, present, 1);
    insert(*store, all);
    store->run(
        "INSERT INTO execution_counts SELECT workflow_id, date_trunc('month', "
        "finished_at)::date, tenant_id, random()::int, count(*) FILTER (WHERE status = 2), "
        "count(*) FILTER (WHERE status = 3), count(*) FILTER (WHERE status = 4) "
        "FROM execution_records GROUP BY 1, 2, 3");
    store->run("ANALYZE");
  }
  static void TearDownTestSuite() {
    store.reset();
    all.clear();
  }

  static inline std::unique_ptr<test_store> store;
  static inline std::vector<known_execution> all;
  session opened = store->connect();
  history queries{opened};
};

std::vector<execution_filter> every_filter() {
  const std::optional<time_point> none;
  const time_point border = present.plus(-1).begin();
  const std::pair<std::optional<time_point>, std::optional<time_point>> ranges[] = {
      {none, none},
      {border, none},
      {none, border},
      {border - std::chrono::hours(30), border + std::chrono::hours(30)},
      {present.plus(-2).begin(), present.plus(-1).begin()},
      {present.begin(), present.plus(1).begin()},
      {border, border},
      {first_month.plus(-30).begin(), first_month.begin()},
      {time_point::min(), time_point::max()}};
  std::vector<std::optional<execution_status>> statuses = {std::nullopt};
  for (std::int16_t status = 0; status <= 4; ++status) {
    statuses.emplace_back(static_cast<execution_status>(status));
  }
  std::vector<execution_filter> filters;
  for (const auto& [from, until] : ranges) {
    for (const auto& status : statuses) {
      for (const std::uint64_t workflow : {0U, 10U, 21U, 42U, 99U}) {
        filters.push_back(
            {workflow == 0 ? std::nullopt : std::optional(key_in(month{202001}, workflow)), status,
             from, until});
      }
    }
  }
  return filters;
}

TEST_F(history_of, lists_by_every_filter) {
  std::size_t rows = 0;
  for (const execution_filter& filter : every_filter()) {
    for (const std::int32_t tenant : {1, 2, 4, 5}) {
      const auto expected = matching(all, tenant, filter);
      const auto listed = walk(queries, tenant, filter, 37);
      ASSERT_EQ(listed.size(), expected.size());
      ASSERT_TRUE(listed == expected);
      rows += listed.size();
    }
  }
  EXPECT_GT(rows, 10'000U);
}

TEST_F(history_of, lists_in_pages_of_every_size) {
  for (const std::size_t size : {1U, 2U, 20U, 999U, 1'000U}) {
    const std::int32_t tenant = size < 20 ? 4 : 1;
    EXPECT_TRUE(walk(queries, tenant, {}, size) == matching(all, tenant, {})) << size;
  }
}

TEST_F(history_of, the_last_page_says_so_also_when_it_is_full) {
  const auto expected = matching(all, 4, {});
  const auto whole = queries.list_executions(4, {}, {expected.size()}).value();
  EXPECT_EQ(whole.items.size(), expected.size());
  EXPECT_TRUE(whole.next.empty());
  const auto most = queries.list_executions(4, {}, {expected.size() - 1}).value();
  EXPECT_FALSE(most.next.empty());
}

TEST_F(history_of, nothing_is_no_error) {
  EXPECT_TRUE(queries.list_executions(77, {}).value().items.empty());
  EXPECT_EQ(queries.count(77).value(), execution_totals{});
  EXPECT_TRUE(queries.list_executions(-1, {}).value().items.empty());
}

TEST_F(history_of, what_is_refused) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1'001}, ~std::size_t{0}}) {
    EXPECT_EQ(queries.list_executions(1, {}, {size}).error().code, errc::bad_input) << size;
  }
  const time_point at = present.begin();
  EXPECT_EQ(queries.list_executions(1, {.from = at, .until = at - std::chrono::microseconds(1)})
                .error()
                .code,
            errc::bad_input);
  for (const int status : {-1, 5, 999}) {
    EXPECT_EQ(queries.list_executions(1, {.status = execution_status(status)}).error().code,
              errc::bad_input)
        << status;
  }
}

TEST_F(history_of, cursors_are_of_one_list) {
  const uuid workflow = key_in(month{202001}, 10);
  const time_point border = present.plus(-1).begin();
  const execution_filter filters[] = {
      {},
      {.workflow_id = workflow},
      {.workflow_id = key_in(month{202001}, 11)},
      {.workflow_id = uuid{}},
      {.status = execution_status::succeeded},
      {.status = execution_status::failed},
      {.workflow_id = workflow, .status = execution_status::succeeded},
      {.from = border},
      {.until = border},
      {.from = time_point{}},
      {.from = border, .until = border + std::chrono::hours(999)}};
  const std::string cursor = queries.list_executions(1, {}, {5}).value().next;
  for (const execution_filter& filter : filters) {
    if (&filter != &filters[0]) {
      EXPECT_EQ(queries.list_executions(1, filter, {5, cursor}).error().code, errc::bad_cursor);
      if (const std::string own = queries.list_executions(1, filter, {5}).value().next;
          !own.empty()) {
        EXPECT_EQ(queries.list_executions(1, {}, {5, own}).error().code, errc::bad_cursor);
      }
    }
  }
  EXPECT_EQ(queries.list_executions(2, {}, {5, cursor}).error().code, errc::bad_cursor);
  // Another size of page is the same list.
  EXPECT_TRUE(queries.list_executions(1, {}, {50, cursor}));
  for (const std::string& bad : {std::string("x"), cursor + "A", cursor.substr(1),
                                 text_of({1, "0123456789abcdef"}), std::string("' OR 1=1")}) {
    EXPECT_EQ(queries.list_executions(1, {}, {5, bad}).error().code, errc::bad_cursor) << bad;
  }
}

TEST_F(history_of, gets) {
  for (std::size_t at = 0; at < all.size(); at += 37) {
    const known_execution& each = all[at];
    const result<execution_view> got = queries.get(each.tenant, each.summary.id);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->summary, each.summary);
    EXPECT_EQ(queries.get(each.tenant + 1, each.summary.id).error().code, errc::not_found);
    EXPECT_EQ(queries.get_trace(each.tenant + 1, each.summary.id).error().code, errc::not_found);
  }
  uuid highest;
  highest.bytes.fill(0xff);
  for (const uuid& none : {uuid{}, make_uuid(), key_in(first_month.plus(-9)), highest}) {
    const result<execution_view> got = queries.get(1, none);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::not_found);
    EXPECT_NE(got.error().message.find(none.text()), std::string::npos);
    EXPECT_EQ(queries.get_trace(1, none).error().code, errc::not_found);
  }
}

TEST_F(history_of, counts) {
  for (const std::int32_t tenant : {1, 2, 3, 4}) {
    for (const std::uint64_t workflow : {0U, 10U, 21U, 99U}) {
      const auto id = workflow == 0 ? std::nullopt : std::optional(key_in(month{202001}, workflow));
      execution_totals expected;
      std::int64_t* const by_status[] = {&expected.pending, &expected.running, &expected.succeeded,
                                         &expected.failed, &expected.cancelled};
      for (const execution_summary& each : matching(all, tenant, {.workflow_id = id})) {
        ++*by_status[static_cast<std::size_t>(each.status)];
      }
      const execution_totals counted = queries.count(tenant, id).value();
      EXPECT_EQ(counted, expected) << tenant << ", workflow " << workflow;
      EXPECT_EQ(static_cast<std::size_t>(counted.all()),
                matching(all, tenant, {.workflow_id = id}).size());
    }
  }
}

TEST_F(history_of, keeps_few_statements) {
  history few(opened, {.statements_max = 3});
  for (int round = 0; round < 3; ++round) {
    for (const execution_filter& filter : {execution_filter{},
                                           {.workflow_id = key_in(month{202001}, 10)},
                                           {.status = execution_status::failed},
                                           {.status = execution_status::running}}) {
      EXPECT_TRUE(walk(few, 2, filter, 100) == matching(all, 2, filter));
    }
    ASSERT_TRUE(few.get(all[0].tenant, all[0].summary.id));
  }
  const result<query_result> prepared =
      opened.execute("SELECT count(*) FROM pg_prepared_statements",
                     std::chrono::steady_clock::now() + std::chrono::seconds(10));
  EXPECT_EQ(std::string(PQgetvalue(prepared->get(), 0, 0)), "3");
}

TEST_F(history_of, goes_on_after_what_was_prepared_is_discarded) {
  const execution_summary one = all[0].summary;
  ASSERT_TRUE(queries.get(all[0].tenant, one.id));
  ASSERT_TRUE(opened.execute("DISCARD PLANS; DEALLOCATE ALL",
                             std::chrono::steady_clock::now() + std::chrono::seconds(10)));
  EXPECT_EQ(queries.get(all[0].tenant, one.id).value().summary, one);
  EXPECT_TRUE(walk(queries, 2, {}, 100) == matching(all, 2, {}));
}

TEST_F(history_of, a_connection_that_is_lost) {
  opened.lose();
  EXPECT_EQ(queries.get(1, uuid{}).error().code, errc::connection_lost);
  EXPECT_EQ(queries.list_executions(1, {}).error().code, errc::connection_lost);
}

}  // namespace
}  // namespace engine::postgres
