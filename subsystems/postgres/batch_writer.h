// Writes executions, task transitions, spans and events for many threads: what they submit is
// collected, merged by execution, and committed in groups.
//
// A write is what one submit() takes: the changes of one execution, applied together or not at
// all, and acknowledged, through its receipt, only after the server has committed them. Writes of
// the same execution take effect in the order in which they were submitted.
//
// - Lanes. Each lane is a thread with a connection of its own; an execution's writes all go through
//   one lane, so lanes never wait for each other's rows. A batch is whatever came while the lane
//   was writing the one before: nothing lingers when there is little to do, and batches grow with
//   the load. New rows go in by COPY, transitions by one prepared UPDATE … FROM unnest() a table,
//   sorted by key, so that two writers of the same rows take their locks in the same order.
// - Merging. Transitions of one task in the same batch become its last; a task or an execution that
//   begins in the batch is written once, as it is at its end.
// - A write that the server refuses fails alone: the batch is split until it is found.
// - A lost connection is opened again, and the batch repeated. Each batch has a number, which the
//   lane's row in writer_lanes holds from its commit on. So a batch whose commit was not heard of
//   is told from one that was lost, and nothing is written twice.
//
// - An acknowledged write is on the server's disk: synchronous_commit is turned on if it is off.
//
// Thread-safe. submit() costs a copy of the changes under a lock: about 0.1 us a change.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "subsystems/postgres/error.h"
#include "subsystems/postgres/receipt.h"
#include "subsystems/postgres/records.h"

namespace engine::postgres {

struct writer_options {
  /// Connections. Two keep one server process busy while the other waits for the disk.
  unsigned lanes = 2;
  /// Changes in one transaction, which then takes some 30 ms. More saves little and keeps locks for
  /// longer.
  std::size_t batch_changes_max = 10'000;
  /// Changes and bytes that wait in all lanes together; beyond that, submit() waits.
  std::size_t queue_changes_max = 100'000;
  std::size_t queue_bytes_max = std::size_t{128} << 20;
  /// How long submit() waits for room before it gives errc::queue_full.
  std::chrono::milliseconds room_timeout{5'000};
  /// How long batches are repeated while there is no server, before all that a lane has taken up
  /// fails; until one passes again, the next have one attempt each. Of a write that fails so,
  /// nobody knows whether it is stored, whole, or not at all.
  std::chrono::milliseconds retry_for{60'000};
  std::chrono::milliseconds backoff_initial{10};
  std::chrono::milliseconds backoff_max{1'000};
  std::chrono::milliseconds connect_timeout{10'000};
  /// A row that somebody else holds locked for so long is waited for no more: the batch is split
  /// until the writes that need the row are found, which fail. Shorter than answer_timeout.
  std::chrono::milliseconds lock_timeout{1'000};
  /// A server that has not answered for so long is taken for lost.
  std::chrono::milliseconds answer_timeout{30'000};
};

struct writer_statistics {
  std::uint64_t batches = 0;  ///< committed
  std::uint64_t writes = 0;   ///< acknowledged
  std::uint64_t changes = 0;  ///< of these writes
  std::uint64_t failed = 0;   ///< writes
  std::uint64_t merged = 0;   ///< changes that needed no row of their own
  std::uint64_t splits = 0;   ///< of batches, in search of a write that was refused
  std::uint64_t reconnects = 0;
  std::uint64_t repeated = 0;         ///< attempts that failed for the time being, as by a deadlock
  std::uint64_t found_committed = 0;  ///< batches whose commit was not heard of, and had happened
  std::size_t waiting = 0;            ///< changes
};

class batch_writer {
 public:
  /// `conninfo` as libpq takes it, search_path included. Connects when there is something to
  /// write. REQUIRES: options are not zero.
  explicit batch_writer(const std::string& conninfo, const writer_options& options = {});
  /// As close().
  ~batch_writer();
  batch_writer(const batch_writer&) = delete;
  batch_writer& operator=(const batch_writer&) = delete;

  /// One write: changes of one execution. Copies what the changes refer to. errc::queue_full if
  /// there was no room in time, errc::writer_closed, errc::bad_input if there is no change, or
  /// changes of several executions, or more than a batch or the queue holds; the receipt then
  /// knows nothing of it.
  [[nodiscard]] result<void> submit(std::span<const change> changes, receipt& to);
  /// Every change a write of its own; the order holds. Stops at the first error, after which
  /// `accepted`, if given, says how many were taken.
  [[nodiscard]] result<void> submit_each(std::span<const change> changes, receipt& to,
                                         std::size_t* accepted = nullptr);
  /// Submits and waits for the acknowledgement.
  [[nodiscard]] result<void> write(std::span<const change> changes);

  /// Refuses further writes, writes what waits and ends the lanes. Without a server
  /// it takes retry_for and one attempt more, at most connect_timeout and answer_timeout.
  void close();

  [[nodiscard]] writer_statistics statistics() const;

 private:
  class lanes;

  std::unique_ptr<lanes> lanes_;
};

}  // namespace engine::postgres
