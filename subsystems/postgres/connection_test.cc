// The pool on a real server: what it says, and does, when the server refuses, is full or goes.
#include "subsystems/postgres/connection.h"

#include <signal.h>

#include <filesystem>
#include <iterator>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "fixtures/postgres_cluster.h"
#include "fixtures/postgres_server.h"
#include "fixtures/postgres_session.h"
#include "subsystems/postgres/pool_test_support.h"

namespace engine::postgres {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using fixtures::postgres_cluster;
using fixtures::postgres_server;
using fixtures::postgres_session;

int ask(pool::lease& held, const std::string& sql = "SELECT 1") {
  return pqxx::nontransaction(held->native()).exec(sql)[0][0].as<int>();
}

void kill_backend(const std::string& url, int pid) {
  postgres_session session(url);
  session.query("SELECT pg_terminate_backend($1::int)", {std::to_string(pid)});
  ASSERT_TRUE(eventually([&] {
    return session.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int",
                         {std::to_string(pid)}) == "0";
  }));
}

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class connection_pool : public ::testing::Test {
 protected:
  static const std::string& url() {
    static const postgres_server server;
    return server.url();
  }
  static pool open(const std::string& to, connection_pool_options chosen, on_connect prepare = {}) {
    return pool::open(connector(to, std::move(prepare)), std::move(chosen)).value();
  }
  static pool::lease must_have(pool& from) {
    result<pool::lease> got = from.checkout(20s);
    EXPECT_TRUE(got) << failure_of(got);
    return got ? std::move(*got) : pool::lease();
  }
};

TEST_F(connection_pool, lends_connections_that_answer) {
  pool lending = open(url(), {.size_max = 2}, [](pqxx::connection& fresh) {
    fresh.prepare("twice", "SELECT 2 * $1::int");
  });
  pool::lease first = must_have(lending);
  pool::lease second = must_have(lending);
  EXPECT_EQ(ask(first), 1);
  EXPECT_EQ(pqxx::nontransaction(second->native()).exec_prepared("twice", 21)[0][0].as<int>(), 42);
  EXPECT_NE(first->native().backendpid(), second->native().backendpid());
}

TEST_F(connection_pool, what_on_connect_throws_is_the_error) {
  pool lending = open(url(), {.size_max = 1}, [](pqxx::connection& fresh) {
    pqxx::nontransaction(fresh).exec("SELECT no_such_column");
  });
  const result<pool::lease> refused = lending.checkout(200ms);
  EXPECT_EQ(code_of_failure(refused), errc::connect_failed);
  EXPECT_NE(failure_of(refused).find("no_such_column"), std::string::npos) << failure_of(refused);
}

TEST_F(connection_pool, a_server_that_is_not_there_is_said_without_the_password) {
  const struct {
    std::string connection_string;
    errc code;
    const char* named;
  } cases[] = {
      {"host=/no/such/folder password=hunter2", errc::connect_failed, "/no/such/folder"},
      {"postgresql://me:hunter2@/db?host=/no/such/folder", errc::connect_failed, "/no/such/folder"},
      {"host=127.0.0.1 port=1 password=hunter2", errc::connect_failed, "127.0.0.1"},
      {"host=hunter2.invalid password=hunter2", errc::connect_failed, "***"},
  };
  for (const auto& each : cases) {
    pool lending = open(each.connection_string, {.size_max = 1});
    const result<pool::lease> refused = lending.checkout(300ms);
    EXPECT_EQ(code_of_failure(refused), each.code) << each.connection_string;
    EXPECT_NE(failure_of(refused).find(each.named), std::string::npos) << failure_of(refused);
    EXPECT_EQ(failure_of(refused).find("hunter2"), std::string::npos) << failure_of(refused);
  }
}

TEST_F(connection_pool, a_malformed_connection_string_is_refused_at_once_without_the_password) {
  for (const char* malformed :
       {"password=hunter2 nonsense", "postgresql://me:hunter2@[::1", "no_such_option=hunter2"}) {
    const auto refused = pool::open(connector(malformed), {.size_max = 1});
    ASSERT_FALSE(refused) << malformed;
    EXPECT_EQ(refused.error().code, errc::bad_input) << malformed;
    EXPECT_EQ(refused.error().message, "the connection string is malformed");
  }
}

TEST_F(connection_pool, values_with_quotes_and_backslashes_arrive) {
  const std::string name = R"(it's \ "quoted")";
  pool lending = open(url() + (url().find("://") == std::string::npos
                                   ? R"( application_name='it\'s \\ "quoted"')"
                                   : "&application_name=it%27s%20%5C%20%22quoted%22"),
                      {.size_max = 1});
  pool::lease held = must_have(lending);
  EXPECT_EQ(pqxx::nontransaction(held->native()).exec("SHOW application_name")[0][0].c_str(), name);
}

TEST_F(connection_pool, an_idle_backend_that_was_killed_is_replaced_before_it_is_lent) {
  pool lending = open(url(), {.size_max = 1, .look_after_idle = 4ms, .validate_after_idle = 0ms});
  const int pid = must_have(lending)->native().backendpid();
  kill_backend(url(), pid);
  poll(nullptr, 0, 50);
  pool::lease held = must_have(lending);
  EXPECT_NE(held->native().backendpid(), pid);
  EXPECT_EQ(ask(held), 1);
  EXPECT_EQ(lending.statistics().discarded, 1U);
}

TEST_F(connection_pool, a_backend_that_was_killed_in_use_is_replaced_when_it_comes_back) {
  pool lending = open(url(), {.size_max = 1});
  int pid = 0;
  {
    pool::lease held = must_have(lending);
    pid = held->native().backendpid();
    kill_backend(url(), pid);
    // No second connection in its place, with neither settings nor prepared statements.
    EXPECT_THROW(ask(held), pqxx::failure);
    EXPECT_THROW(ask(held), pqxx::failure);
  }
  pool::lease held = must_have(lending);
  EXPECT_NE(held->native().backendpid(), pid);
  EXPECT_EQ(ask(held), 1);
  EXPECT_EQ(lending.statistics().discarded, 1U);
}

TEST_F(connection_pool, a_notification_does_not_make_a_connection_unusable) {
  pool lending = open(url(), {.size_max = 1, .look_after_idle = 4ms, .validate_after_idle = 0ms});
  int pid = 0;
  {
    pool::lease held = must_have(lending);
    pid = held->native().backendpid();
    pqxx::nontransaction(held->native()).exec("LISTEN headroom_pool_test");
  }
  postgres_session(url()).query("NOTIFY headroom_pool_test");
  poll(nullptr, 0, 50);
  EXPECT_EQ(must_have(lending)->native().backendpid(), pid);
}

TEST_F(connection_pool, nothing_is_left_open) {
  { open(url(), {.size_max = 4}); }
  const std::ptrdiff_t before = open_files();
  for (int round = 0; round < 10; ++round) {
    pool lending = open(url(), {.size_max = 3});
    pool::lease first = must_have(lending);
    pool::lease second = must_have(lending);
    second.discard();
  }
  EXPECT_EQ(open_files(), before);
}

/// For what is done to the whole server.
class own_server : public connection_pool {
 protected:
  postgres_cluster server{{.durable = false,
                           .settings = {{"max_connections", "8"},
                                        {"superuser_reserved_connections", "2"},
                                        {"autovacuum", "off"}}}};
};

TEST_F(own_server, that_is_full_is_said_to_be_so) {
  postgres_session admin(server.url());
  admin.query("CREATE ROLE guest LOGIN CONNECTION LIMIT 2");
  const std::string as_guest =
      fmt::format("host={} dbname=postgres user=guest", server.socket_directory().string());
  pool lending = open(
      as_guest, {.size_max = 4, .reconnect_backoff_initial = 5ms, .reconnect_backoff_max = 20ms});
  std::vector<pool::lease> held;
  held.push_back(must_have(lending));
  held.push_back(must_have(lending));
  // Two are lent, so it is the pool that is exhausted.
  EXPECT_EQ(code_of_failure(lending.checkout(100ms)), errc::pool_timeout);
  pool other = open(as_guest, {.size_max = 1});
  const result<pool::lease> refused = other.checkout(300ms);
  EXPECT_EQ(code_of_failure(refused), errc::too_many_connections) << failure_of(refused);
  EXPECT_NE(failure_of(refused).find("guest"), std::string::npos) << failure_of(refused);
  // Room again.
  held.clear();
  admin.query("ALTER ROLE guest CONNECTION LIMIT 6");
  EXPECT_TRUE(must_have(other));
  // All slots of the server.
  admin.query("ALTER ROLE guest CONNECTION LIMIT -1");
  pool greedy = open(
      as_guest, {.size_max = 20, .reconnect_backoff_initial = 5ms, .reconnect_backoff_max = 20ms});
  std::vector<pool::lease> all;
  for (result<pool::lease> got = greedy.checkout(500ms); got; got = greedy.checkout(500ms)) {
    all.push_back(std::move(*got));
  }
  EXPECT_LT(all.size(), 8U);
  const result<pool::lease> full = open(as_guest, {.size_max = 1}).checkout(300ms);
  EXPECT_EQ(code_of_failure(full), errc::too_many_connections) << failure_of(full);
}

TEST_F(own_server, that_vanishes_and_comes_back) {
  const std::ptrdiff_t before = open_files();
  {
    pool lending = open(server.url(), {.size_min = 2,
                                       .size_max = 2,
                                       .look_after_idle = 4ms,
                                       .reconnect_backoff_initial = 5ms,
                                       .reconnect_backoff_max = 50ms});
    { pool::lease held = must_have(lending); }
    server.stop(fixtures::stop_mode::immediate);
    poll(nullptr, 0, 50);
    const auto start = clock::now();
    const result<pool::lease> refused = lending.checkout(300ms);
    EXPECT_EQ(code_of_failure(refused), errc::connect_failed) << failure_of(refused);
    EXPECT_LT(clock::now() - start, 5s);
    EXPECT_LE(lending.statistics().connect_failures, 40U);
    server.start();
    pool::lease held = must_have(lending);
    EXPECT_EQ(ask(held), 1);
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(own_server, that_is_stopped_amid_a_query_loses_the_lease_only) {
  pool lending = open(server.url(), {.size_max = 1, .reconnect_backoff_max = 50ms});
  pool::lease held = must_have(lending);
  std::thread stopper([&] {
    poll(nullptr, 0, 50);
    server.stop(fixtures::stop_mode::immediate);
    server.start();
  });
  EXPECT_THROW(ask(held, "SELECT 1 FROM pg_sleep(60)"), pqxx::failure);
  held.release();
  stopper.join();
  held = must_have(lending);
  EXPECT_EQ(ask(held), 1);
}

TEST_F(own_server, whose_backend_stands_still_is_hung_up) {
  pool lending =
      open(server.url(),
           {.size_min = 1, .size_max = 1, .validate_after_idle = 400ms, .connect_timeout = 1s});
  int pid = 0;
  {
    pool::lease held = must_have(lending);
    pid = held->native().backendpid();
  }
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  EXPECT_TRUE(eventually([&] { return lending.statistics().discarded == 1; }));
  EXPECT_EQ(kill(pid, SIGCONT), 0);
  pool::lease held = must_have(lending);
  EXPECT_NE(held->native().backendpid(), pid);
  EXPECT_EQ(ask(held), 1);
}

}  // namespace
}  // namespace engine::postgres
