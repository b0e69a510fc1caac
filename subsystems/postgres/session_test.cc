#include "subsystems/postgres/session.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/postgres_cluster.h"
#include "fixtures/private_folder.h"
#include "subsystems/postgres/store_test_support.h"

namespace engine::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

steady_time soon() { return steady_clock::now() + std::chrono::seconds(30); }

session connected() { return session::connect(test_server().url(), soon()).value(); }

std::string only_value(const query_result& of) { return PQgetvalue(of.get(), 0, 0); }

TEST(session, runs_statements) {
  session on = connected();
  EXPECT_EQ(only_value(on.execute("SELECT 1; SELECT 'two'", soon()).value()), "two");
  ASSERT_TRUE(on.prepare("three", "SELECT 3", soon()));
  EXPECT_EQ(only_value(on.execute("EXECUTE three", soon()).value()), "3");
  EXPECT_EQ(only_value(on.execute("SELECT pg_backend_pid()", soon()).value()),
            fmt::format("{}", on.backend_pid()));
}

TEST(session, what_it_cannot_reach_is_explained) {
  const fixtures::private_folder empty("headroom-session", std::nullopt);
  const struct {
    std::string conninfo;
    std::string message;
  } cases[] = {
      {"host=/nonexistent user=u password=sesame", "No such file"},
      {fmt::format("host={} user=u password=sesame", empty.path().string()), "No such file"},
      {"host=127.0.0.1 port=1 user=u password=sesame", "Connection refused"},
      {"host=nosuch.invalid user=u password=sesame", "translate host name"},
      {"host=x password=se same", "this is not a connection string"},
      {"postgresql://user:sesame@[::1/name", "this is not a connection string"},
      {"postgresql://user:sesame@host/name?nonsense=1", "this is not a connection string"},
      {test_server().url() + "&dbname=nosuch", "\"nosuch\" does not exist"},
  };
  for (const auto& each : cases) {
    const result<session> made = session::connect(each.conninfo, soon());
    ASSERT_FALSE(made) << each.conninfo;
    EXPECT_EQ(made.error().code, errc::connect_failed) << each.conninfo;
    EXPECT_NE(made.error().what().find(each.message), std::string::npos) << made.error().what();
    EXPECT_EQ(made.error().what().find("same"), std::string::npos) << made.error().what();
    EXPECT_EQ(made.error().what().find('\n'), std::string::npos);
  }
}

// Takes connections and says nothing.
class mute_server {
 public:
  mute_server()
      : folder_("headroom-mute", std::nullopt), socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (folder_.path() / ".s.PGSQL.5432").string();
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
  }
  [[nodiscard]] std::string conninfo() const {
    return fmt::format("host={} user=u dbname=d", folder_.path().string());
  }

 private:
  fixtures::private_folder folder_;
  fixtures::descriptor socket_;
};

TEST(session, does_not_wait_for_a_mute_server) {
  const mute_server mute;
  const auto begun = steady_clock::now();
  const result<session> made = session::connect(mute.conninfo(), begun + milliseconds(50));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::connect_failed);
  EXPECT_NE(made.error().what().find("did not answer in time"), std::string::npos);
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(20));
}

TEST(session, statement_errors_leave_it_usable) {
  session on = connected();
  const struct {
    const char* sql;
    errc code;
    std::string_view state;
  } cases[] = {
      {"SELEC 1", errc::query_failed, "42601"},
      {"SELECT * FROM no_such_table", errc::query_failed, "42P01"},
      {"SELECT 1/0", errc::rejected, "22012"},
      {"SELECT 'x'::json", errc::rejected, "22P02"},
      {"SELECT repeat('[', 100000)::json", errc::rejected, "54001"},
      {"DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", errc::rejected, "P0001"},
      {"CREATE TEMP TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (1)", errc::duplicate,
       "23505"},
      {"SELECT 1; SELECT * FROM no_such_table", errc::query_failed, "42P01"},
  };
  for (const auto& each : cases) {
    const result<query_result> failed = on.execute(each.sql, soon());
    ASSERT_FALSE(failed) << each.sql;
    EXPECT_EQ(failed.error().code, each.code) << each.sql;
    EXPECT_EQ(on.last_sqlstate(), each.state) << each.sql;
    EXPECT_FALSE(failed.error().what().empty());
    ASSERT_FALSE(on.is_lost()) << each.sql;
    EXPECT_EQ(only_value(on.execute("SELECT 5", soon()).value()), "5") << each.sql;
  }
  const result<void> prepared = on.prepare("bad", "SELECT * FROM no_such_table", soon());
  ASSERT_FALSE(prepared);
  EXPECT_EQ(on.last_sqlstate(), "42P01");
  EXPECT_TRUE(on.execute("SELECT 1", soon()));
}

void end(int backend) {
  const std::string sql = fmt::format("SELECT pg_terminate_backend({}, 10000)", backend);
  EXPECT_TRUE(connected().execute(sql.c_str(), soon()));
}

TEST(session, is_lost_at_the_deadline) {
  session on = connected();
  const auto begun = steady_clock::now();
  const result<query_result> late = on.execute("SELECT pg_sleep(10)", begun + milliseconds(50));
  ASSERT_FALSE(late);
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(8));
  EXPECT_EQ(late.error().code, errc::connection_lost);
  EXPECT_TRUE(on.is_lost());
  const result<query_result> after = on.execute("SELECT 1", soon());
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, errc::connection_lost);
  end(on.backend_pid());  // It sleeps on, with a snapshot that keeps dead rows from being pruned.
}

TEST(session, is_lost_when_the_server_ends_it) {
  session on = connected();
  end(on.backend_pid());
  const result<query_result> failed = on.execute("SELECT 1", soon());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::connection_lost) << failed.error().what();
  EXPECT_TRUE(on.is_lost());
}

TEST(session, a_server_that_is_full_stops_or_vanishes) {
  fixtures::postgres_cluster cluster({.durable = false,
                                      .settings = {{"max_connections", "4"},
                                                   {"superuser_reserved_connections", "0"},
                                                   {"max_wal_senders", "0"}}});
  std::vector<session> open;
  open.reserve(4);
  for (int connection = 0; connection < 4; ++connection) {
    open.push_back(session::connect(cluster.url(), soon()).value());
  }
  const result<session> full = session::connect(cluster.url(), soon());
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, errc::too_many_connections) << full.error().what();

  cluster.stop(fixtures::stop_mode::immediate);
  for (session& each : open) {
    const result<query_result> failed = each.execute("SELECT 1", soon());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errc::connection_lost) << failed.error().what();
  }
  const result<session> none = session::connect(cluster.url(), soon());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::connect_failed);

  cluster.start();
  session again = session::connect(cluster.url(), soon()).value();
  cluster.crash();
  const result<query_result> failed = again.execute("SELECT 1", soon());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::connection_lost) << failed.error().what();
}

}  // namespace
}  // namespace engine::postgres
