// What a piece of work adds to the server's log, read before and after it.
//
// Bytes are what pg_current_wal_insert_lsn() has moved by: the log itself, with the headers of its
// pages, and at once, where pg_stat_wal has only what sessions have reported. Whole pages, which
// the position does not tell, are pg_stat_wal.wal_fpi. Both are of the whole server, of all
// sessions, databases and its own processes, such as autovacuum and the checkpointer. So nothing
// else may write meanwhile, which is for the user of a given server to see to; and what is measured
// is thrown away if another meter of this program has begun since. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/harness/subject.h"
#include "bench/postgres/writes_connection.h"

namespace headroom::postgres_bench {

class wal_meter {
 public:
  /// `flush` has the sessions that are measured report to the server's statistics, and returns
  /// when they have. `executions` are what each piece of work stores.
  wal_meter(const std::string& url, double executions, std::function<void()> flush);

  /// Before a piece of work. With a checkpoint, each page is logged whole when it changes for the
  /// first time.
  void begin(bool checkpoint);
  /// After it, untimed: adds it up, unless that is done or another has begun since; then false.
  bool end();

  /// Bytes of the pieces added up.
  [[nodiscard]] std::uint64_t bytes() const { return sum_.bytes; }
  /// wal_bytes_per_execution, and wal_fpi_per_execution: whole pages.
  [[nodiscard]] std::vector<counter> counters() const;

 private:
  struct figures {
    std::uint64_t bytes = 0;
    std::uint64_t pages = 0;
  };
  [[nodiscard]] std::uint64_t position();
  [[nodiscard]] std::uint64_t pages();

  blocking_connection connection_;
  double executions_;
  std::function<void()> flush_;
  std::uint64_t turn_ = 0;  ///< of the piece that is measured; 0: none
  figures before_;
  figures sum_;
  std::uint64_t pieces_ = 0;
};

}  // namespace headroom::postgres_bench
