#include "subsystems/postgres/fault_audit.h"

#include <algorithm>
#include <cstdlib>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine::postgres::testing {
namespace {

constexpr std::size_t examples_max = 10;

/// Rows of one execution.
struct stored_life {
  int active = 0;
  int over = 0;
  std::vector<int> attempts = {};  ///< of its tasks
  std::vector<int> events = {};    ///< sequences
};

/// a: acknowledged, f: failed, -: not submitted.
std::string told_of(const life& of) {
  std::string told;
  for (const fate each : of.writes) {
    told += each == fate::acknowledged ? 'a' : each == fate::failed ? 'f' : '-';
  }
  return told;
}

using stored_lives = std::unordered_map<std::string, stored_life>;

// By the heap, not by an index: what a broken index would hide is to be seen.
stored_lives read_all(pqxx::nontransaction& work) {
  work.exec(
      "SET enable_indexscan = off; SET enable_indexonlyscan = off; "
      "SET enable_bitmapscan = off");
  stored_lives lives;
  for (const auto& row : work.exec("SELECT id FROM active_executions")) {
    ++lives[row[0].c_str()].active;
  }
  for (const auto& row : work.exec("SELECT id FROM execution_records WHERE status = 2")) {
    ++lives[row[0].c_str()].over;
  }
  for (const auto& row : work.exec("SELECT execution_id, attempt FROM task_records")) {
    lives[row[0].c_str()].attempts.push_back(row[1].as<int>());
  }
  for (const auto& row : work.exec("SELECT execution_id, sequence FROM events")) {
    lives[row[0].c_str()].events.push_back(row[1].as<int>());
  }
  return lives;
}

class comparison {
 public:
  explicit comparison(audit& into) : into_(into) {}

  void compare(const life& told, stored_life stored) {
    std::sort(stored.events.begin(), stored.events.end());
    find_doubled(told, stored);
    int newest = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      const bool is_there = is_stored(told, stored, step);
      into_.stored += is_there ? 1U : 0U;
      into_.unconfirmed += is_there && told.writes[step] != fate::acknowledged ? 1U : 0U;
      if (!is_there && told.writes[step] == fate::acknowledged) {
        note(into_.lost, fmt::format("lost: step {}", step), told, stored);
      }
      if (is_there && told.writes[step] == fate::not_submitted) {
        note(into_.strange, fmt::format("not submitted: step {}", step), told, stored);
      }
      newest = is_there && step > 0 && step < last_step ? static_cast<int>(step) : newest;
    }
    for (const int attempt : stored.attempts) {
      if (attempt < newest) {
        note(into_.stale, fmt::format("older than step {}", newest), told, stored);
      } else if (attempt > newest) {
        note(into_.half, fmt::format("newer than step {}", newest), told, stored);
      }
    }
  }

  void note(std::uint64_t& kind, const std::string& what, const life& told,
            const stored_life& stored) {
    ++kind;
    if (into_.examples.size() < examples_max) {
      into_.examples.push_back(fmt::format(
          "{} {}: told {}, stored: active {}, over {}, attempts {}, events {}", told.id.text(),
          what, told_of(told), stored.active, stored.over, stored.attempts, stored.events));
    }
  }

 private:
  void find_doubled(const life& told, const stored_life& stored) {
    const bool is_twice =
        stored.active + stored.over > 1 || stored.attempts.size() > 2 ||
        std::adjacent_find(stored.events.begin(), stored.events.end()) != stored.events.end();
    if (is_twice) {
      note(into_.doubled, "doubled", told, stored);
    }
  }

  // The event of a step shows whether it was applied; the rest has to agree.
  bool is_stored(const life& told, const stored_life& stored, std::size_t step) {
    const auto has = [&stored](std::int32_t sequence) {
      return std::binary_search(stored.events.begin(), stored.events.end(), sequence);
    };
    const bool is_there = has(event_of(step));
    const bool agrees = step == 0
                            ? is_there == has(0) && is_there == (stored.active + stored.over > 0) &&
                                  is_there == (stored.attempts.size() >= 2) &&
                                  is_there == !stored.attempts.empty()
                        : step == last_step ? is_there == (stored.over > 0)
                                            : true;  // compared with the attempts of all steps
    if (!agrees) {
      note(into_.half, fmt::format("half: step {}", step), told, stored);
    }
    return is_there;
  }

  audit& into_;
};

}  // namespace

void audit::add(const audit& other) {
  stored += other.stored;
  unconfirmed += other.unconfirmed;
  lost += other.lost;
  half += other.half;
  doubled += other.doubled;
  stale += other.stale;
  strange += other.strange;
  miscounted += other.miscounted;
  examples.insert(examples.end(), other.examples.begin(), other.examples.end());
}

audit compare_with_store(const std::string& url, std::span<const life> lives) {
  audit made;
  comparison with(made);
  pqxx::connection on(url);
  pqxx::nontransaction work(on);
  stored_lives stored = read_all(work);
  for (const life& told : lives) {
    const auto found = stored.find(told.id.text());
    with.compare(told, found == stored.end() ? stored_life() : found->second);
    if (found != stored.end()) {
      stored.erase(found);
    }
  }
  made.strange += stored.size();
  const pqxx::result counts = work.exec(
      "SELECT (SELECT count(*) FROM execution_records), "
      "(SELECT coalesce(sum(succeeded + failed + cancelled), 0) FROM execution_counts)");
  made.miscounted = static_cast<std::uint64_t>(
      std::abs(counts[0][0].as<std::int64_t>() - counts[0][1].as<std::int64_t>()));
  return made;
}

}  // namespace engine::postgres::testing
