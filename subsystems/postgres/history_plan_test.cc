// How the server answers lists: by the index in whose order they are, whatever the statistics say.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/postgres/history_sql_internal.h"
#include "subsystems/postgres/history_test_support.h"

namespace engine::postgres {
namespace {

class history_plan : public testing::Test {
 protected:
  history_plan() : store(present.plus(-2), present) { store.run(history_settings); }

  std::string plan_of(const list_shape& shape, std::vector<month> months) {
    const std::string key = "'" + uuid{}.text() + "'";
    std::string values = "1, " + key + ", " + key + ", 20";
    values += shape.has_workflow ? ", " + key : "";
    values += shape.has_status ? ", 2" : "";
    std::string plan;
    store.run("PREPARE listed AS " + list_statement(shape, months));
    for (const auto& row : store.run("EXPLAIN (COSTS OFF) EXECUTE listed (" + values + ")")) {
      plan += row[0].c_str();
      plan += '\n';
    }
    store.run("DEALLOCATE listed");
    return plan;
  }

  void expect_plan(const list_shape& shape, const std::string& index) {
    const std::string plan = plan_of(shape, {present.plus(0), present.plus(-1), present.plus(-2)});
    for (const char* never : {"Seq Scan", "Bitmap", "_pkey"}) {
      EXPECT_EQ(plan.find(never), std::string::npos) << plan;
    }
    for (int back = 0; shape.reads_history && back < 3; ++back) {
      const std::string wanted =
          "Backward using " + partition_name_of("execution_records", present.plus(-back)) + index;
      EXPECT_NE(plan.find(wanted), std::string::npos) << wanted << "\n" << plan;
    }
    if (shape.reads_active) {
      EXPECT_NE(plan.find("Backward using active_executions_by_tenant"), std::string::npos) << plan;
    }
    const bool has_one_order = !shape.reads_active || !shape.has_workflow;
    EXPECT_EQ(plan.find("Sort\n") == std::string::npos, has_one_order) << plan;
  }

  void expect_plans() {
    expect_plan({}, "_tenant_id_id_idx");
    expect_plan({.has_status = true, .reads_active = false}, "_tenant_id_status_id_idx");
    expect_plan({.has_workflow = true}, "_workflow_id_id_idx");
    expect_plan({.has_workflow = true, .has_status = true, .reads_active = false},
                "_workflow_id_id_idx");
  }

  test_store store;
};

// A scan ends where the rows in question do, not at the end of the tenant.
TEST_F(history_plan, reads_no_more_than_there_is) {
  insert(store, random_executions(20'000, present.plus(-2), present, 1));
  store.run("VACUUM ANALYZE");
  const month last = present;
  const auto blocks_of = [&](const list_shape& shape, const std::string& values) {
    store.run("PREPARE listed AS " + list_statement(shape, {&last, 1}));
    const int blocks = store.blocks_of("EXECUTE listed (1, " + values + ")");
    store.run("DEALLOCATE listed");
    return blocks;
  };
  const std::string month_end = "'" + first_uuid_of(last.plus(1).begin()).text() + "'";
  const std::string month_begin = "'" + first_uuid_of(last.begin()).text() + "'";
  const std::string just_before =
      "'" + first_uuid_of(last.plus(1).begin() - std::chrono::milliseconds(1)).text() + "'";
  // No execution has this status, which lies behind all others.
  EXPECT_LE(blocks_of({.has_status = true, .reads_active = false},
                      month_begin + ", " + month_end + ", 20, 5::smallint"),
            4);
  // A window without executions, at the end of the month.
  EXPECT_LE(blocks_of({}, just_before + ", " + month_end + ", 20"), 8);
  EXPECT_LE(blocks_of({.has_workflow = true}, just_before + ", " + month_end + ", 20, '" +
                                                  key_in(month{202001}, 10).text() + "'"),
            8);
}

TEST_F(history_plan, of_empty_tables) { expect_plans(); }

TEST_F(history_plan, of_tables_with_statistics) {
  insert(store, random_executions(20'000, present.plus(-2), present, 1));
  store.run("ANALYZE");
  expect_plans();
}

TEST_F(history_plan, of_tables_that_grew_since) {
  store.run("ANALYZE");
  insert(store, random_executions(20'000, present.plus(-2), present, 1));
  expect_plans();
}

}  // namespace
}  // namespace engine::postgres
