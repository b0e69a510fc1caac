// bench_postgres_wal: what the server writes to its log, by key, by batch and by setting, and how
// fast, beside a loop of fdatasync() over equal bytes.
//
// The bytes are the counter wal_bytes_per_execution, and the whole pages among them, which follow a
// checkpoint, wal_fpi_per_execution. Both are differences of what the whole server has written
// (wal_meter.h): on a given one, nobody else may write.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "bench/postgres/server.h"
#include "bench/postgres/wal_keys.h"
#include "bench/postgres/wal_lifecycle.h"
#include "bench/postgres/wal_rate.h"
#include "fixtures/postgres_session.h"

namespace headroom::postgres_bench {
namespace {

// What a server does takes milliseconds, so a quarter of the rounds shows as much as all; and the
// large ones only where there is time, once.
constexpr std::uint64_t usual_size = 20'000;
constexpr std::uint64_t large_size = 200'000;

void add_keys(suite& to, const wal_options& options, std::uint64_t size) {
  const std::string case_name =
      fmt::format("batch:{}/synchronous_commit:{}/compression:{}", options.batch,
                  options.is_synchronous ? "on" : "off", options.compresses ? "lz4" : "off");
  add_group<wal_input, uuid_v4, uuid_v7, bigserial>(
      to, {"wal", case_name, 1, size}, [options](unsigned) { return wal_input(options); });
}

/// How much a run stores, and how much is there before.
struct amounts {
  std::size_t rows;
  std::size_t stored;
};

amounts amounts_for(effort spent) {
  switch (spent) {
    case effort::smoke:
      return {100, 10'000};
    case effort::quick:
      return {1'000, 100'000};
    case effort::full:
      break;
  }
  return {2'000, 300'000};
}

/// What a role has to be permitted for some rows. An own server permits everything.
struct permissions {
  bool checkpoint = true;
  bool compression = true;
};

permissions find_permissions() {
  if (!is_given()) {
    return {};
  }
  engine::fixtures::postgres_session session(server().url());
  const auto holds = [&session](const char* condition) {
    return session.value(fmt::format("SELECT {}", condition).c_str()) == "t";
  };
  return {holds("pg_has_role(current_user, 'pg_checkpoint', 'USAGE')"),
          holds("has_parameter_privilege('wal_compression', 'SET')")};
}

/// Why rows are missing; empty: none are.
std::string missing_rows(const permissions& of) {
  std::string why;
  if (!of.checkpoint) {
    why = "no rows wal/…: they need CHECKPOINT, and the role is not in pg_checkpoint";
  } else if (!of.compression) {
    why = "no rows wal/…/compression:lz4: the role may not set wal_compression";
  }
  return why;
}

void add_lifecycles(suite& to, const amounts& chosen) {
  for (const std::size_t batch : {25U, 100U, 1'000U}) {
    const std::size_t executions = std::max(batch, chosen.rows / 2);
    const std::size_t stored = chosen.stored / lifecycle_input::tasks;
    add_group<lifecycle_input, ours::lifecycle>(
        to, {"wal", fmt::format("lifecycle/batch:{}", batch), 1, usual_size},
        [=](unsigned) { return lifecycle_input(executions, batch, stored); });
  }
}

void add_bytes(suite& to, const amounts& some, const permissions& permitted) {
  if (!permitted.checkpoint) {
    return;
  }
  add_keys(to, {1, false, false, some.rows, some.stored}, usual_size);
  add_keys(to, {100, true, false, some.rows, some.stored}, usual_size);
  add_keys(to, {1'000, true, false, some.rows, some.stored}, usual_size);
  if (permitted.compression) {
    add_keys(to, {1'000, true, true, some.rows, some.stored}, usual_size);
  }
  add_keys(to, {1'000, false, false, some.rows, some.stored}, large_size);
  add_keys(to, {1, true, false, some.rows, some.stored}, large_size);
  add_lifecycles(to, some);
}

void register_all(suite& to, const settings& chosen) {
  to.add_waiting_rows();
  const permissions permitted = find_permissions();
  set_context_without(to, missing_rows(permitted));
  add_bytes(to, amounts_for(chosen.effort), permitted);
  add_group<wal_rate_input, ours::wal_rate, least::wal_rate, binary_copy::wal_rate>(
      to, {"wal_rate", fmt::format("rows:{}", wal_rate_input::executions), 1, usual_size},
      [](unsigned) { return wal_rate_input(); });
}

}  // namespace
}  // namespace headroom::postgres_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures what PostgreSQL writes to its log for executions, by key, batch and setting. The "
      "server is one of its own, by the programs in HEADROOM_POSTGRES_BIN if that is set, or the "
      "one that HEADROOM_POSTGRES_URL names.",
      headroom::postgres_bench::register_all);
}
