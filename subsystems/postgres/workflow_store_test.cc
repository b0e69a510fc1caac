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

class workflow_store_of : public testing::Test {
 protected:
  workflow_store_of() {
    migrate(schema_.on()).value();
    tenant_ = store_.create_tenant("first").value();
  }

  test_schema schema_;
  session session_ = schema_.connect();
  workflow_store store_{session_};
  std::int32_t tenant_ = 0;
};

TEST_F(workflow_store_of, tenants) {
  EXPECT_EQ(store_.find_tenant("first").value(), tenant_);
  EXPECT_EQ(store_.find_tenant("second").error().code, errc::not_found);
  EXPECT_EQ(store_.create_tenant("first").error().code, errc::duplicate);
  const std::int32_t second = store_.create_tenant("second").value();
  EXPECT_NE(second, tenant_);
  EXPECT_EQ(store_.find_tenant("second").value(), second);
}

TEST_F(workflow_store_of, versions) {
  const uuid workflow = store_.create_workflow(tenant_, "build", R"({"tasks": []})").value();
  EXPECT_EQ(store_.add_version(tenant_, workflow, R"({"tasks": [1]})").value(), 2);
  EXPECT_EQ(store_.add_version(tenant_, workflow, R"({"tasks": [1, 2]})").value(), 3);
  EXPECT_EQ(store_.get_definition(tenant_, workflow).value().version, 3);
  // As it was given, blanks included.
  EXPECT_EQ(store_.get_definition(tenant_, workflow).value().document, R"({"tasks": [1, 2]})");
  EXPECT_EQ(store_.get_definition(tenant_, workflow, 1).value().document, R"({"tasks": []})");
  EXPECT_EQ(store_.get_definition(tenant_, workflow, 4).error().code, errc::not_found);
  EXPECT_EQ(store_.create_workflow(tenant_, "build", "{}").error().code, errc::duplicate);
}

TEST_F(workflow_store_of, versions_by_several_at_once) {
  const uuid workflow = store_.create_workflow(tenant_, "build", "{}").value();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      session own = schema_.connect();
      workflow_store store(own);
      for (int round = 0; round < 10; ++round) {
        EXPECT_TRUE(store.add_version(tenant_, workflow, "{}"));
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(store_.get_definition(tenant_, workflow).value().version, 41);
  EXPECT_EQ(schema_.number("SELECT count(*) FROM workflow_versions"), 41);
}

TEST_F(workflow_store_of, what_is_refused) {
  const uuid workflow = store_.create_workflow(tenant_, "build", "{}").value();
  for (const std::string& name : unstorable_texts()) {
    EXPECT_EQ(store_.create_tenant(name).error().code, errc::bad_input);
    EXPECT_EQ(store_.find_tenant(name).error().code, errc::bad_input);
    EXPECT_EQ(store_.create_workflow(tenant_, name, "{}").error().code, errc::bad_input);
    EXPECT_EQ(store_.create_workflow(tenant_, "other", name).error().code, errc::bad_input);
    EXPECT_EQ(store_.add_version(tenant_, workflow, name).error().code, errc::bad_input);
  }
  EXPECT_EQ(store_.create_tenant("").error().code, errc::bad_input);
  EXPECT_EQ(store_.create_tenant(std::string(201, 'x')).error().code, errc::bad_input);
  for (const char* text : {"", "{", "not json", "{\"a\": 1} x"}) {
    EXPECT_EQ(store_.create_workflow(tenant_, "other", text).error().code, errc::rejected) << text;
    EXPECT_EQ(store_.add_version(tenant_, workflow, text).error().code, errc::rejected) << text;
  }
  EXPECT_EQ(store_.create_workflow(99, "other", "{}").error().code, errc::rejected);
  // Nothing of it is there.
  EXPECT_EQ(schema_.number("SELECT count(*) FROM workflows"), 1);
  EXPECT_EQ(store_.get_definition(tenant_, workflow).value().version, 1);
}

TEST_F(workflow_store_of, another_tenants_workflow_is_none) {
  const uuid workflow = store_.create_workflow(tenant_, "build", "{}").value();
  const std::int32_t other = store_.create_tenant("second").value();
  EXPECT_EQ(store_.add_version(other, workflow, "{}").error().code, errc::not_found);
  EXPECT_EQ(store_.get_definition(other, workflow).error().code, errc::not_found);
  EXPECT_TRUE(store_.list_workflows(other).value().items.empty());
  EXPECT_EQ(store_.get_definition(tenant_, workflow).value().version, 1);
}

TEST_F(workflow_store_of, lists) {
  const std::int32_t other = store_.create_tenant("second").value();
  std::vector<workflow_view> expected;
  for (int number = 0; number < 25; ++number) {
    const std::string name = fmt::format("workflow-{:02}", (number * 7) % 25);
    expected.push_back({store_.create_workflow(tenant_, name, "{}").value(), name, 1});
    store_.create_workflow(other, name, "{}").value();
  }
  std::sort(expected.begin(), expected.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  for (const std::size_t size : {1U, 7U, 25U, 1'000U}) {
    std::vector<workflow_view> listed;
    std::string after;
    do {
      page<workflow_view> read = store_.list_workflows(tenant_, {size, after}).value();
      EXPECT_LE(read.items.size(), size);
      listed.insert(listed.end(), read.items.begin(), read.items.end());
      after = read.next;
    } while (!after.empty());
    EXPECT_EQ(listed, expected) << size;
  }
  const std::string cursor = store_.list_workflows(tenant_, {3}).value().next;
  EXPECT_EQ(store_.list_workflows(other, {3, cursor}).error().code, errc::bad_cursor);
  EXPECT_EQ(store_.list_workflows(tenant_, {3, cursor + "A"}).error().code, errc::bad_cursor);
  EXPECT_EQ(store_.list_workflows(tenant_, {0}).error().code, errc::bad_input);
  EXPECT_EQ(store_.list_workflows(tenant_, {1'001}).error().code, errc::bad_input);
}

TEST_F(workflow_store_of, texts_are_never_statements) {
  for (const std::string& name : hostile_texts()) {
    const std::int32_t tenant = store_.create_tenant(name).value();
    EXPECT_EQ(store_.find_tenant(name).value(), tenant) << name;
    const std::string document = json_string_of(name);
    const uuid workflow = store_.create_workflow(tenant, name, document).value();
    EXPECT_EQ(store_.get_definition(tenant, workflow).value().document, document);
    EXPECT_EQ(store_.add_version(tenant, workflow, document).value(), 2);
    const page<workflow_view> listed = store_.list_workflows(tenant).value();
    EXPECT_EQ(listed.items, (std::vector<workflow_view>{{workflow, name, 2}}));
    store_.create_workflow(tenant, name.substr(0, 180) + "2", "{}").value();
    const std::string after = store_.list_workflows(tenant, {1}).value().next;
    EXPECT_EQ(store_.list_workflows(tenant, {1, after}).value().items.size(), 1U) << name;
  }
  EXPECT_EQ(schema_.number("SELECT count(*) FROM tenants"),
            static_cast<std::int64_t>(hostile_texts().size()) + 1);
}

}  // namespace
}  // namespace engine::postgres
