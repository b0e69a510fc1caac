// How the server finds out whether a batch's keys are new.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/batch_sql_internal.h"
#include "subsystems/postgres/history_test_support.h"

namespace engine::postgres {
namespace {

class batch_plan : public testing::Test {
 protected:
  batch_plan() : store(present.plus(-2), present.plus(1)) {
    store.run(batch_sql::session_settings);
    store.run(std::string("PREPARE doubled(uuid[], uuid[]) AS ") + batch_sql::count_doubled);
  }

  static std::string array_of(const std::vector<uuid>& keys) {
    std::string text;
    for (const uuid& each : keys) {
      text += (text.empty() ? "" : ",") + each.text();
    }
    return "'{" + text + "}'";
  }
  static std::string call(const std::vector<uuid>& begun, const std::vector<uuid>& ended) {
    return fmt::format("EXECUTE doubled ({}, {})", array_of(begun), array_of(ended));
  }

  /// Newer than all that is stored.
  static std::vector<uuid> new_keys() {
    std::vector<uuid> keys;
    for (std::uint64_t number = 0; number < 1'000; ++number) {
      keys.push_back(key_in(present.plus(1), number));
    }
    return keys;
  }

  void expect_one_look() {
    // Of one partition, from the root of its index; of the active executions; none where no key is.
    EXPECT_LE(store.blocks_of(call(new_keys(), {})), 4);
    EXPECT_LE(store.blocks_of(call({}, new_keys())), 4);
    EXPECT_EQ(store.blocks_of(call({}, {})), 0);
  }

  test_store store;
};

TEST_F(batch_plan, looks_once_in_empty_tables) { expect_one_look(); }

TEST_F(batch_plan, looks_once_with_statistics) {
  insert(store, random_executions(20'000, present.plus(-2), present, 1));
  store.run("VACUUM ANALYZE");
  expect_one_look();
}

TEST_F(batch_plan, looks_once_in_tables_that_grew_since) {
  store.run("ANALYZE");
  insert(store, random_executions(20'000, present.plus(-2), present, 1));
  expect_one_look();
}

TEST_F(batch_plan, counts_what_is_stored_among_others) {
  const std::vector<known_execution> stored =
      random_executions(1'000, present.plus(-2), present, 1);
  insert(store, stored);
  // As they are sorted: with others between them, before and after.
  std::vector<uuid> keys{key_in(present.plus(-2)), key_in(present.plus(1))};
  std::int64_t over = 0;
  for (std::size_t at = 0; at < stored.size(); at += 10) {
    over += is_final(stored[at].summary.status) ? 1 : 0;
    keys.push_back(stored[at].summary.id);
    keys.push_back(make_uuid(stored[at].summary.id.time(), at));
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(store.number(call(keys, {})), over);
  EXPECT_EQ(store.number(call({}, keys)), 100 - over);
  EXPECT_EQ(store.number(call(keys, keys)), 100);
  EXPECT_EQ(store.number(call({}, {})), 0);
  EXPECT_GT(store.blocks_of(call(keys, {})), 100) << "one look is no longer enough";
}

}  // namespace
}  // namespace engine::postgres
