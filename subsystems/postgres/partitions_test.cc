#include "subsystems/postgres/partitions.h"

#include <pqxx/except>
#include <pqxx/transaction>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/partition_keeper.h"
#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres {
namespace {

constexpr month march_2024{202403};
constexpr month april_2024{202404};
constexpr std::chrono::microseconds microsecond{1};

void add_record(test_schema& to, const uuid& id) {
  to.run(
      fmt::format("INSERT INTO execution_records (id, workflow_id, finished_at, tenant_id, "
                  "workflow_version, status) VALUES ('{}', '{}', now(), 1, 1, 2)",
                  id.text(), uuid{}.text()));
}

void add_active(test_schema& to, const uuid& id) {
  to.run(
      fmt::format("INSERT INTO active_executions (id, workflow_id, tenant_id, "
                  "workflow_version, status) VALUES ('{}', '{}', 1, 1, 0)",
                  id.text(), uuid{}.text()));
}

void add_count(test_schema& to, month of) {
  to.run(fmt::format("INSERT INTO execution_counts VALUES ('{}', '{}', 1, 0, 1, 0, 0)",
                     uuid{}.text(), of.first_day()));
}

std::vector<int> months_of(test_schema& in) {
  std::vector<int> months;
  for (const month& each : partitioned_months(in.on()).value()) {
    months.push_back(each.yyyymm);
  }
  return months;
}

TEST(partitions, are_made_once) {
  test_schema schema;
  migrate(schema.on()).value();
  EXPECT_EQ(make_partitions(schema.on(), {202311}, {202402}).value(), 4 * 4);
  EXPECT_EQ(make_partitions(schema.on(), {202311}, {202402}).value(), 0);
  EXPECT_EQ(make_partitions(schema.on(), {202402}, {202403}).value(), 4);
  EXPECT_EQ(months_of(schema), (std::vector<int>{202311, 202312, 202401, 202402, 202403}));
  EXPECT_EQ(make_partitions(schema.on(), {202405}, {202404}).value(), 0);
}

TEST(partitions, hold_the_keys_of_their_month) {
  test_store store(march_2024, april_2024);
  const struct {
    uuid key;
    const char* partition;
  } cases[] = {
      {first_uuid_of(march_2024.begin()), "execution_records_202403"},
      {make_uuid(march_2024.begin(), 0), "execution_records_202403"},
      {make_uuid(april_2024.begin() - microsecond, ~0ULL), "execution_records_202403"},
      {first_uuid_of(april_2024.begin()), "execution_records_202404"},
      {make_uuid(april_2024.plus(1).begin() - microsecond, ~0ULL), "execution_records_202404"},
  };
  for (const auto& each : cases) {
    add_record(store, each.key);
    EXPECT_EQ(store.text(fmt::format("SELECT tableoid::regclass FROM execution_records WHERE id = "
                                     "'{}'",
                                     each.key.text())),
              each.partition);
    EXPECT_EQ(partition_name_of("execution_records", each.key), each.partition);
  }
  for (const uuid& outside : {make_uuid(march_2024.begin() - microsecond, ~0ULL),
                              first_uuid_of(april_2024.plus(1).begin()), uuid{}}) {
    EXPECT_THROW(add_record(store, outside), pqxx::check_violation) << outside.text();
  }
}

TEST(partitions, have_the_indexes_and_room_of_their_kind) {
  test_schema schema;
  migrate(schema.on()).value();
  make_partitions(schema.on(), march_2024, march_2024, {.is_closed = true}).value();
  make_partitions(schema.on(), april_2024, april_2024).value();
  const auto options_of = [&](const char* table) {
    return schema.text(fmt::format(
        "SELECT coalesce(array_to_string(reloptions, ','), '') FROM pg_class WHERE oid = "
        "'{}'::regclass",
        table));
  };
  EXPECT_EQ(options_of("task_records_202403"), "");
  EXPECT_EQ(options_of("task_records_202404"), fmt::format("fillfactor={}", open_task_fillfactor));
  EXPECT_EQ(options_of("execution_records_202404"), "");
  // Every index of the table has one of the partition attached to it.
  EXPECT_EQ(schema.number("SELECT count(*) FROM pg_inherits JOIN pg_index ON inhrelid = indexrelid "
                          "WHERE indrelid = 'execution_records_202404'::regclass"),
            schema.number("SELECT count(*) FROM pg_index WHERE indrelid = "
                          "'execution_records'::regclass"));
  EXPECT_EQ(schema.number("SELECT count(*) FROM pg_index WHERE indrelid = "
                          "'execution_records_202404'::regclass"),
            schema.number("SELECT count(*) FROM pg_index WHERE indrelid = "
                          "'execution_records'::regclass"));
}

TEST(partitions, are_made_once_by_several_programs) {
  test_schema schema;
  migrate(schema.on()).value();
  std::vector<int> made(4, -1);
  std::vector<std::thread> threads;
  threads.reserve(made.size());
  for (int& each : made) {
    threads.emplace_back([&] {
      pqxx::connection on(schema.url());
      const result<int> count =
          make_partitions(on, march_2024, april_2024, {.lock_timeout = std::chrono::seconds(30)});
      each = count ? *count : -2;
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  std::sort(made.begin(), made.end());
  EXPECT_EQ(made, (std::vector<int>{0, 0, 0, 8}));
}

TEST(partitions, are_made_while_others_write) {
  test_store store(march_2024, march_2024);
  pqxx::connection other(store.url());
  pqxx::work writing(other);
  writing.exec(fmt::format("INSERT INTO events VALUES ('{}', now(), 0, 'begun', NULL)",
                           key_in(march_2024).text()));
  EXPECT_EQ(make_partitions(store.on(), april_2024, april_2024).value(), 4);
}

TEST(partitions, say_why_they_cannot_be_made) {
  test_schema schema;
  const result<int> made = make_partitions(schema.on(), march_2024, march_2024);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::query_failed);
  EXPECT_NE(made.error().message.find("execution_records"), std::string::npos)
      << made.error().message;
}

TEST(retention, drops_whole_months_and_their_counts) {
  test_store store({202401}, {202404});
  for (int number = 202401; number <= 202404; ++number) {
    add_record(store, key_in({number}));
    add_count(store, {number});
  }
  const retention_report none = drop_partitions(store.on(), month{202401}.begin()).value();
  EXPECT_TRUE(none.dropped.empty() && none.kept_back.empty());

  // In the midst of March, whose rows are not all expired.
  const retention_report report =
      drop_partitions(store.on(), march_2024.begin() + std::chrono::hours(24 * 20)).value();

  EXPECT_EQ(report.dropped, (std::vector<month>{{202401}, {202402}}));
  EXPECT_TRUE(report.kept_back.empty());
  EXPECT_EQ(months_of(store), (std::vector<int>{202403, 202404}));
  EXPECT_EQ(store.number("SELECT count(*) FROM execution_records"), 2);
  EXPECT_EQ(store.text("SELECT string_agg(month::text, ' ' ORDER BY month) FROM execution_counts"),
            "2024-03-01 2024-04-01");
}

TEST(retention, keeps_a_month_with_an_execution_that_is_not_over) {
  test_store store({202401}, {202404});
  const uuid active = key_in({202402}, 5);
  add_active(store, active);
  add_count(store, {202402});
  const retention_report report = drop_partitions(store.on(), april_2024.begin()).value();
  EXPECT_EQ(report.dropped, (std::vector<month>{{202401}, {202403}}));
  ASSERT_EQ(report.kept_back.size(), 1U);
  EXPECT_EQ(report.kept_back[0].which, month{202402});
  EXPECT_NE(report.kept_back[0].why.find(active.text()), std::string::npos)
      << report.kept_back[0].why;
  EXPECT_EQ(months_of(store), (std::vector<int>{202402, 202404}));
  EXPECT_EQ(store.number("SELECT count(*) FROM execution_counts"), 1);

  store.run("DELETE FROM active_executions");
  EXPECT_EQ(drop_partitions(store.on(), april_2024.begin()).value().dropped.size(), 1U);
}

TEST(retention, gives_up_where_a_table_is_locked) {
  test_store store({202401}, {202402});
  pqxx::connection other(store.url());
  {
    pqxx::work reading(other);
    reading.exec("SELECT * FROM trace_spans_202401");
    const retention_report report = drop_partitions(store.on(), march_2024.begin(),
                                                    {.lock_timeout = std::chrono::milliseconds(50)})
                                        .value();
    EXPECT_EQ(report.dropped, (std::vector<month>{{202402}}));
    ASSERT_EQ(report.kept_back.size(), 1U);
    EXPECT_NE(report.kept_back[0].why.find("50 ms"), std::string::npos) << report.kept_back[0].why;
  }
  EXPECT_EQ(drop_partitions(store.on(), march_2024.begin()).value().dropped.size(), 1U);
}

constexpr std::chrono::seconds patience{60};

TEST(partition_keeper, makes_and_drops) {
  test_store store({202312}, {202401});
  partition_keeper keeper(
      {.conninfo = store.url(), .months_ahead = 2, .retention_months = 2, .clock = [] {
         return april_2024.begin();
       }});
  ASSERT_TRUE(keeper.wait_for_checks(1, patience));
  const partition_keeper::status status = keeper.read();
  EXPECT_FALSE(status.last_error) << status.last_error->message;
  EXPECT_EQ(status.last_report.dropped, (std::vector<month>{{202312}, {202401}}));
  EXPECT_EQ(months_of(store), (std::vector<int>{202404, 202405, 202406}));
}

TEST(partition_keeper, keeps_for_ever_unless_told_otherwise) {
  test_store store({202001}, {202001});
  const partition_keeper keeper(
      {.conninfo = store.url(), .clock = [] { return april_2024.begin(); }});
  ASSERT_TRUE(keeper.wait_for_checks(1, patience));
  EXPECT_EQ(months_of(store), (std::vector<int>{202001, 202404, 202405, 202406}));
}

TEST(partition_keeper, checks_again) {
  test_store store(march_2024, march_2024);
  std::atomic<int> present{202403};
  partition_keeper keeper({.conninfo = store.url(),
                           .months_ahead = 0,
                           .retention_months = 1,
                           .check_every = std::chrono::milliseconds(5),
                           .clock = [&] { return month{present}.begin(); }});
  ASSERT_TRUE(keeper.wait_for_checks(1, patience));
  present = 202405;
  ASSERT_TRUE(keeper.wait_for_checks(keeper.read().checks + 2, patience));
  EXPECT_EQ(months_of(store), (std::vector<int>{202405}));
}

TEST(partition_keeper, says_what_fails_and_goes_on) {
  test_schema schema;  // without tables
  partition_keeper keeper({.conninfo = schema.url(),
                           .retry_after_min = std::chrono::milliseconds(5),
                           .retry_after_max = std::chrono::milliseconds(20),
                           .clock = [] { return april_2024.begin(); }});
  ASSERT_TRUE(keeper.wait_for_checks(2, patience));
  ASSERT_TRUE(keeper.read().last_error);
  EXPECT_EQ(keeper.read().last_error->code, errc::query_failed);
  migrate(schema.on()).value();
  // The check under way may have begun before; after one that goes well comes a long pause.
  const auto end = std::chrono::steady_clock::now() + patience;
  while (keeper.read().last_error && std::chrono::steady_clock::now() < end) {
    static_cast<void>(
        keeper.wait_for_checks(keeper.read().checks + 1, std::chrono::milliseconds(10)));
  }
  EXPECT_FALSE(keeper.read().last_error);
  EXPECT_EQ(months_of(schema).size(), 3U);
}

TEST(partition_keeper, stops_at_once_when_there_is_no_server) {
  const auto begun = std::chrono::steady_clock::now();
  {
    partition_keeper keeper({.conninfo = "host=/nonexistent"});
    ASSERT_TRUE(keeper.wait_for_checks(1, patience));
    EXPECT_EQ(keeper.read().last_error->code, errc::connect_failed);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace engine::postgres
