#include "subsystems/postgres/workflow_store.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/postgres/hostile_texts_test_support.h"
#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres {
namespace {

class workflow_store_of : public ::testing::Test {
 protected:
  workflow_store_of() {
    migrate(schema.on()).value();
    first_tenant = workflows.create_tenant("first").value();
  }

  test_schema schema;
  session opened = schema.connect();
  workflow_store workflows{opened};
  std::int32_t first_tenant = 0;
};

TEST_F(workflow_store_of, tenants) {
  EXPECT_EQ(workflows.find_tenant("first").value(), first_tenant);
  EXPECT_EQ(workflows.find_tenant("second").error().code, errc::not_found);
  EXPECT_EQ(workflows.create_tenant("first").error().code, errc::duplicate);
  const std::int32_t second = workflows.create_tenant("second").value();
  EXPECT_NE(second, first_tenant);
  EXPECT_EQ(workflows.find_tenant("second").value(), second);
}

TEST_F(workflow_store_of, versions) {
  const uuid workflow =
      workflows.create_workflow(first_tenant, "build", R"({"tasks": []})").value();
  EXPECT_EQ(workflows.add_version(first_tenant, workflow, R"({"tasks": [1]})").value(), 2);
  EXPECT_EQ(workflows.add_version(first_tenant, workflow, R"({"tasks": [1, 2]})").value(), 3);
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow).value().version, 3);
  // As it was given, blanks included.
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow).value().document,
            R"({"tasks": [1, 2]})");
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow, 1).value().document,
            R"({"tasks": []})");
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow, 4).error().code, errc::not_found);
  EXPECT_EQ(workflows.create_workflow(first_tenant, "build", "{}").error().code, errc::duplicate);
}

TEST_F(workflow_store_of, versions_by_several_at_once) {
  const uuid workflow = workflows.create_workflow(first_tenant, "build", "{}").value();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      session own = schema.connect();
      workflow_store store(own);
      for (int round = 0; round < 10; ++round) {
        EXPECT_TRUE(store.add_version(first_tenant, workflow, "{}"));
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow).value().version, 41);
  EXPECT_EQ(schema.number("SELECT count(*) FROM workflow_versions"), 41);
}

TEST_F(workflow_store_of, what_is_refused) {
  const uuid workflow = workflows.create_workflow(first_tenant, "build", "{}").value();
  for (const std::string& name : unstorable_texts()) {
    EXPECT_EQ(workflows.create_tenant(name).error().code, errc::bad_input);
    EXPECT_EQ(workflows.find_tenant(name).error().code, errc::bad_input);
    EXPECT_EQ(workflows.create_workflow(first_tenant, name, "{}").error().code, errc::bad_input);
    EXPECT_EQ(workflows.create_workflow(first_tenant, "other", name).error().code, errc::bad_input);
    EXPECT_EQ(workflows.add_version(first_tenant, workflow, name).error().code, errc::bad_input);
  }
  EXPECT_EQ(workflows.create_tenant("").error().code, errc::bad_input);
  EXPECT_EQ(workflows.create_tenant(std::string(201, 'x')).error().code, errc::bad_input);
  for (const char* text : {"", "{", "not json", "{\"a\": 1} x"}) {
    EXPECT_EQ(workflows.create_workflow(first_tenant, "other", text).error().code, errc::rejected)
        << text;
    EXPECT_EQ(workflows.add_version(first_tenant, workflow, text).error().code, errc::rejected)
        << text;
  }
  EXPECT_EQ(workflows.create_workflow(99, "other", "{}").error().code, errc::rejected);
  // Nothing of it is there.
  EXPECT_EQ(schema.number("SELECT count(*) FROM workflows"), 1);
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow).value().version, 1);
}

TEST_F(workflow_store_of, another_tenants_workflow_is_none) {
  const uuid workflow = workflows.create_workflow(first_tenant, "build", "{}").value();
  const std::int32_t other = workflows.create_tenant("second").value();
  EXPECT_EQ(workflows.add_version(other, workflow, "{}").error().code, errc::not_found);
  EXPECT_EQ(workflows.get_definition(other, workflow).error().code, errc::not_found);
  EXPECT_TRUE(workflows.list_workflows(other).value().items.empty());
  EXPECT_EQ(workflows.get_definition(first_tenant, workflow).value().version, 1);
}

TEST_F(workflow_store_of, lists) {
  const std::int32_t other = workflows.create_tenant("second").value();
  std::vector<workflow_view> expected;
  for (int number = 0; number < 25; ++number) {
    const std::string name = fmt::format("workflow-{:02}", (number * 7) % 25);
    expected.push_back({workflows.create_workflow(first_tenant, name, "{}").value(), name, 1});
    workflows.create_workflow(other, name, "{}").value();
  }
  std::sort(expected.begin(), expected.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  for (const std::size_t size : {1U, 7U, 25U, 1'000U}) {
    std::vector<workflow_view> listed;
    std::string after;
    do {
      page<workflow_view> read = workflows.list_workflows(first_tenant, {size, after}).value();
      EXPECT_LE(read.items.size(), size);
      listed.insert(listed.end(), read.items.begin(), read.items.end());
      after = read.next;
    } while (!after.empty());
    EXPECT_EQ(listed, expected) << size;
  }
  const std::string cursor = workflows.list_workflows(first_tenant, {3}).value().next;
  EXPECT_EQ(workflows.list_workflows(other, {3, cursor}).error().code, errc::bad_cursor);
  EXPECT_EQ(workflows.list_workflows(first_tenant, {3, cursor + "A"}).error().code,
            errc::bad_cursor);
  EXPECT_EQ(workflows.list_workflows(first_tenant, {0}).error().code, errc::bad_input);
  EXPECT_EQ(workflows.list_workflows(first_tenant, {1'001}).error().code, errc::bad_input);
}

TEST_F(workflow_store_of, texts_are_never_statements) {
  for (const std::string& name : hostile_texts()) {
    const std::int32_t tenant = workflows.create_tenant(name).value();
    EXPECT_EQ(workflows.find_tenant(name).value(), tenant) << name;
    const std::string document = json_string_of(name);
    const uuid workflow = workflows.create_workflow(tenant, name, document).value();
    EXPECT_EQ(workflows.get_definition(tenant, workflow).value().document, document);
    EXPECT_EQ(workflows.add_version(tenant, workflow, document).value(), 2);
    const page<workflow_view> listed = workflows.list_workflows(tenant).value();
    EXPECT_EQ(listed.items, (std::vector<workflow_view>{{workflow, name, 2}}));
    workflows.create_workflow(tenant, name.substr(0, 180) + "2", "{}").value();
    const std::string after = workflows.list_workflows(tenant, {1}).value().next;
    EXPECT_EQ(workflows.list_workflows(tenant, {1, after}).value().items.size(), 1U) << name;
  }
  EXPECT_EQ(schema.number("SELECT count(*) FROM tenants"),
            static_cast<std::int64_t>(hostile_texts().size()) + 1);
}

}  // namespace
}  // namespace engine::postgres
