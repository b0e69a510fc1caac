// Server processes and whole servers are killed while threads write; afterwards everything that was
// acknowledged is there exactly once, and nothing is there in part.
//
// HEADROOM_FAULT_ROUNDS says how many faults, HEADROOM_FAULT_SEED which.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fixtures/child_process.h"
#include "fixtures/postgres_cluster.h"
#include "fixtures/postgres_session.h"
#include "fixtures/postgres_test_support.h"
#include "fixtures/random.h"
#include "subsystems/postgres/fault_audit.h"
#include "subsystems/postgres/fault_load.h"
#include "subsystems/postgres/migration.h"
#include "subsystems/postgres/partitions.h"

namespace engine::postgres::testing {
namespace {

using fixtures::postgres_cluster;
using fixtures::postgres_session;
using std::chrono::steady_clock;

constexpr month march{202403};
constexpr const char* name_of_load = "headroom_faults";
constexpr std::uint64_t rounds_per_audit = 20;

constexpr bool is_sanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

class fault_test {
 public:
  explicit fault_test(std::uint64_t seed)
      : cluster_({.settings = {{"shared_buffers", "32MB"},
                               {"max_connections", "30"},
                               {"recovery_init_sync_method", "syncfs"}}}),
        random_(seed) {
    pqxx::connection on(cluster_.url());
    migrate(on).value();
    make_partitions(on, march, march).value();
    load_.emplace(cluster_.url() + "&application_name=" + name_of_load, march);
  }

  [[nodiscard]] fault_load& load() { return *load_; }

  /// One fault, some time after the last one was got over. Returns its kind.
  std::string strike() {
    const bool goes_on = load_->wait_for(1 + random_.below(150), steady_clock::now() + patience);
    if (!goes_on) {
      throw std::runtime_error("no write was acknowledged for a minute; the server's log ends:\n" +
                               fixtures::tail_of(cluster_.log_file()));
    }
    const std::uint32_t drawn = random_.below(20);
    if (drawn < 15) {
      kill_backend();
      return "backend killed";
    }
    if (drawn < 18) {
      cluster_.stop(fixtures::stop_mode::immediate);
    } else {
      cluster_.crash();
    }
    cluster_.start();
    return drawn < 18 ? "server stopped immediately" : "server killed";
  }

  /// REQUIRES: the load has stopped.
  audit look() {
    wait_until_recovered();
    return compare_with_store(cluster_.url(), load_->take_lives());
  }

  /// So that the next recovery has little to do.
  void clear() const {
    postgres_session on(cluster_.url());
    on.query(
        "TRUNCATE active_executions, execution_records, task_records, events, "
        "execution_counts");
    on.query("CHECKPOINT");
  }

 private:
  static constexpr std::chrono::minutes patience{1};

  void kill_backend() {
    const bool is_done = fixtures::eventually([this] {
      try {
        const auto pids = postgres_session(cluster_.url())
                              .query(
                                  "SELECT pid FROM pg_stat_activity WHERE application_name = $1 "
                                  "ORDER BY pid",
                                  {name_of_load});
        if (pids.empty()) {
          return false;
        }
        victim_ = std::stoi(pids[random_.below(static_cast<std::uint32_t>(pids.size()))]);
        return kill(victim_, SIGKILL) == 0;
      } catch (const std::runtime_error&) {
        return false;  // It still recovers.
      }
    });
    if (!is_done) {
      throw std::runtime_error("the writers do not connect");
    }
  }

  // All writes may be settled before the server has noticed that a process of its is gone.
  void wait_until_recovered() const {
    const bool is_ready = fixtures::eventually([this] {
      return (victim_ < 0 || kill(victim_, 0) != 0) &&
             fixtures::error_of([this] { postgres_session{cluster_.url()}; }).empty();
    });
    if (!is_ready) {
      throw std::runtime_error("the server does not recover");
    }
  }

  postgres_cluster cluster_;
  fixtures::random random_;
  pid_t victim_ = -1;  ///< the last
  std::optional<fault_load> load_;
};

void report(const std::string& when, const audit& found, const fault_load& load) {
  const fault_load::tally told = load.counted();
  const writer_statistics figures = load.statistics();
  std::printf(
      "%s",
      fmt::format("{}: writes acknowledged {}, unacknowledged {}; stored {} ({} of them "
                  "unacknowledged), lost {}, half {}, doubled {}, stale {}, strange {}, miscounted "
                  "{}; reconnects {}, batches {}, of which found committed by number {}\n",
                  when, told.acknowledged, told.unacknowledged, found.stored, found.unconfirmed,
                  found.lost, found.half, found.doubled, found.stale, found.strange,
                  found.miscounted, figures.reconnects, figures.batches, figures.found_committed)
          .c_str());
  static_cast<void>(std::fflush(stdout));
}

TEST(faults, what_is_acknowledged_is_there_once_and_nothing_by_halves) {
  const std::uint64_t rounds = number_from("HEADROOM_FAULT_ROUNDS", is_sanitized ? 10 : 200);
  const std::uint64_t seed = number_from("HEADROOM_FAULT_SEED", 20'240'301);
  std::printf("%s", fmt::format("{} rounds, seed {}\n", rounds, seed).c_str());
  fault_test test(seed);
  const auto begun = steady_clock::now();
  std::map<std::string, std::uint64_t> kinds;
  audit sum;
  for (std::uint64_t round = 0; round < rounds;) {
    test.load().start();
    const std::uint64_t end = std::min(rounds, round + rounds_per_audit);
    for (; round < end; ++round) {
      ++kinds[test.strike()];
    }
    test.load().stop();
    sum.add(test.look());
    const std::chrono::duration<double> taken = steady_clock::now() - begun;
    report(fmt::format("round {} of {}, {:.1f} s", round, rounds, taken.count()), sum, test.load());
    test.clear();
  }
  for (const auto& [kind, count] : kinds) {
    std::printf("%s", fmt::format("{}: {}\n", kind, count).c_str());
  }
  const fault_load::tally told = test.load().counted();
  for (const auto& [reason, count] : told.wrong_reasons) {
    ADD_FAILURE() << count << " writes failed: " << reason;
  }
  for (const std::string& example : sum.examples) {
    ADD_FAILURE() << example;
  }
  EXPECT_TRUE(sum.is_clean());
  EXPECT_EQ(told.wrongly_failed, 0U);
  EXPECT_EQ(sum.stored - sum.unconfirmed, told.acknowledged);
}

}  // namespace
}  // namespace engine::postgres::testing
