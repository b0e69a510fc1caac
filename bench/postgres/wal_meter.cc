#include "bench/postgres/wal_meter.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace headroom::postgres_bench {
namespace {

std::uint64_t last_turn = 0;  // of all meters

}  // namespace

wal_meter::wal_meter(const std::string& url, double executions, std::function<void()> flush)
    : connection_(url), executions_(executions), flush_(std::move(flush)) {}

std::uint64_t wal_meter::position() {
  return std::strtoull(
      connection_.value("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").c_str(), nullptr, 10);
}

std::uint64_t wal_meter::pages() {
  return std::strtoull(connection_.value("SELECT wal_fpi FROM pg_stat_wal").c_str(), nullptr, 10);
}

void wal_meter::begin(bool checkpoint) {
  end();
  if (checkpoint) {
    connection_.execute("CHECKPOINT");
  }
  turn_ = ++last_turn;
  before_ = {position(), pages()};
}

bool wal_meter::end() {
  const std::uint64_t turn = std::exchange(turn_, 0);
  if (turn == 0 || turn != last_turn) {
    return false;
  }
  const std::uint64_t after = position();
  flush_();
  sum_.bytes += after - before_.bytes;
  sum_.pages += pages() - before_.pages;
  ++pieces_;
  return true;
}

std::vector<counter> wal_meter::counters() const {
  const double executions = std::max(1.0, executions_ * static_cast<double>(pieces_));
  return {{"wal_bytes_per_execution", static_cast<double>(sum_.bytes) / executions},
          {"wal_fpi_per_execution", static_cast<double>(sum_.pages) / executions}};
}

}  // namespace headroom::postgres_bench
