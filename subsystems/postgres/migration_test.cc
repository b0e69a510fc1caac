#include "subsystems/postgres/migration.h"

#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres {
namespace {

std::int64_t tables_in(test_schema& schema) {
  return schema.number(
      "SELECT count(*) FROM pg_class WHERE relnamespace = "
      "current_schema()::regnamespace AND relkind IN ('r', 'p')");
}

bool has_table(test_schema& schema, const std::string& name) {
  return schema.text(fmt::format("SELECT to_regclass('{}') IS NOT NULL", name)) == "t";
}

TEST(migration, from_nothing_and_again) {
  test_schema schema;
  EXPECT_EQ(installed_schema_version(schema.on()).value(), 0);
  const migration_report first = migrate(schema.on()).value();
  EXPECT_EQ(first.from, 0);
  EXPECT_EQ(first.to, schema_version);
  const std::int64_t tables = tables_in(schema);
  const migration_report second = migrate(schema.on()).value();
  EXPECT_EQ(second.from, schema_version);
  EXPECT_EQ(second.to, schema_version);
  EXPECT_EQ(tables_in(schema), tables);
  EXPECT_EQ(installed_schema_version(schema.on()).value(), schema_version);
  EXPECT_EQ(schema.number("SELECT count(*) FROM schema_migrations"), schema_version);
}

TEST(migration, to_an_earlier_version_changes_nothing) {
  test_schema schema;
  migrate(schema.on()).value();
  const migration_report report = migrate(schema.on(), 1).value();
  EXPECT_EQ(report.from, schema_version);
  EXPECT_EQ(report.to, schema_version);
}

TEST(migration, counts_what_is_there) {
  constexpr month march{202403};
  constexpr month april{202404};
  test_schema schema;
  EXPECT_EQ(migrate(schema.on(), 1).value().to, 1);
  make_partitions(schema.on(), march, april).value();
  const uuid mine = key_in(march, 1);
  const uuid other = key_in(march, 2);
  std::uint64_t number = 10;
  const auto add = [&](const uuid& workflow, int tenant, month of, int status) {
    const bool is_over = status >= 2;
    schema.run(fmt::format(
        "INSERT INTO {} (id, workflow_id, tenant_id, workflow_version, status{}) VALUES ('{}', "
        "'{}', {}, 1, {}{})",
        is_over ? "execution_records" : "active_executions", is_over ? ", finished_at" : "",
        key_in(of, ++number).text(), workflow.text(), tenant, status, is_over ? ", now()" : ""));
  };
  for (const int status : {0, 1, 2, 2, 2, 3, 4, 4}) {
    add(mine, 1, march, status);
  }
  add(mine, 1, april, 3);
  add(other, 2, april, 1);
  // The last moment of a month and the first of the next.
  schema.run(
      fmt::format("INSERT INTO execution_records (id, workflow_id, tenant_id, "
                  "workflow_version, status, finished_at) VALUES ('{}', '{}', 2, 1, 2, "
                  "now()), ('{}', '{}', 2, 1, 2, now())",
                  make_uuid(april.begin() - std::chrono::microseconds(1), ~0ULL).text(),
                  other.text(), make_uuid(april.begin(), 0).text(), other.text()));

  const migration_report report = migrate(schema.on()).value();

  EXPECT_EQ(report.from, 1);
  EXPECT_EQ(report.to, schema_version);
  std::vector<std::string> found;
  for (const auto& row :
       schema.run("SELECT concat_ws(' ', tenant_id, month, lane, succeeded, failed, cancelled) "
                  "FROM execution_counts ORDER BY tenant_id, month")) {
    found.emplace_back(row[0].c_str());
  }
  EXPECT_EQ(found, (std::vector<std::string>{"1 2024-03-01 0 3 1 2", "1 2024-04-01 0 0 1 0",
                                             "2 2024-03-01 0 1 0 0", "2 2024-04-01 0 1 0 0"}));
}

TEST(migration, refuses_a_schema_that_is_newer) {
  test_schema schema;
  migrate(schema.on()).value();
  schema.run("INSERT INTO schema_migrations (version, name) VALUES (99, 'of the future')");
  const result<migration_report> refused = migrate(schema.on());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::schema_too_new);
  EXPECT_NE(refused.error().message.find("99"), std::string::npos) << refused.error().message;
}

TEST(migration, leaves_nothing_of_a_step_that_fails) {
  test_schema schema;
  migrate(schema.on(), 1).value();
  schema.run("CREATE TABLE writer_lanes (in_the_way integer)");
  const result<migration_report> failed = migrate(schema.on());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::migration_failed);
  for (const char* named : {"version 2", "counts and writers", "writer_lanes"}) {
    EXPECT_NE(failed.error().message.find(named), std::string::npos) << failed.error().message;
  }
  EXPECT_EQ(installed_schema_version(schema.on()).value(), 1);
  EXPECT_FALSE(has_table(schema, "execution_counts"));
  // And goes on when the cause is gone.
  schema.run("DROP TABLE writer_lanes");
  EXPECT_EQ(migrate(schema.on()).value().from, 1);
}

TEST(migration, from_nothing_leaves_nothing_of_a_step_that_fails) {
  test_schema schema;
  schema.run("CREATE TABLE events (in_the_way integer)");
  ASSERT_FALSE(migrate(schema.on()));
  EXPECT_FALSE(has_table(schema, "tenants"));
  EXPECT_FALSE(has_table(schema, "schema_migrations"));
}

TEST(migration, of_several_programs_at_once_happens_once) {
  test_schema schema;
  constexpr int programs = 4;
  std::vector<int> from(programs, -1);
  std::vector<std::thread> threads;
  threads.reserve(programs);
  for (int program = 0; program < programs; ++program) {
    threads.emplace_back([&, program] {
      pqxx::connection on(schema.url());
      const result<migration_report> report = migrate(on);
      from[static_cast<std::size_t>(program)] = report ? report->from : -2;
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  std::sort(from.begin(), from.end());
  EXPECT_EQ(from, (std::vector<int>{0, schema_version, schema_version, schema_version}));
}

TEST(migration, leaves_a_table_of_somebody_else_alone) {
  test_schema schema;
  schema.run(
      "CREATE TABLE schema_migrations (version text); "
      "INSERT INTO schema_migrations VALUES ('20240301120000_users')");
  const result<migration_report> failed = migrate(schema.on());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::migration_failed);
  EXPECT_FALSE(has_table(schema, "tenants"));
  EXPECT_EQ(schema.number("SELECT count(*) FROM schema_migrations"), 1);
  EXPECT_EQ(installed_schema_version(schema.on()).error().code, errc::query_failed);
}

}  // namespace
}  // namespace engine::postgres
