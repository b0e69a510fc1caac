// One lane's end of the server: commits a write_plan in one transaction, exactly once.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "subsystems/postgres/commit_failure_internal.h"
#include "subsystems/postgres/session.h"
#include "subsystems/postgres/write_plan_internal.h"

namespace engine::postgres {

/// Not thread-safe.
class batch_connection {
 public:
  struct timeouts {
    std::chrono::milliseconds connect;
    std::chrono::milliseconds lock;
    std::chrono::milliseconds answer;
  };

  /// `writer` and `lane` name the row of writer_lanes.
  batch_connection(std::string conninfo, const uuid& writer, unsigned lane, const timeouts& limits);

  /// Connects if need be. `batch` is new for each plan, and larger than any before; to repeat a
  /// plan whose fate is not known, it is the same. Nothing if the batch is committed.
  [[nodiscard]] std::optional<commit_failure> commit(write_plan& plan, std::int64_t batch);
  /// Removes the lane's row, if there is a connection, and ends that.
  void sign_off();

  /// Connections that were opened.
  [[nodiscard]] std::uint64_t connects() const { return connects_; }
  /// Batches that turned out to be committed when they were repeated.
  [[nodiscard]] std::uint64_t found_committed() const { return found_committed_; }

 private:
  using failure = std::optional<commit_failure>;

  [[nodiscard]] failure open();
  [[nodiscard]] result<void> set_up(session& on);
  [[nodiscard]] failure begin(std::int64_t batch, bool& is_committed);
  [[nodiscard]] failure prepare_months(const write_plan& plan);
  [[nodiscard]] bool are_prepared(const write_plan& plan) const;
  [[nodiscard]] failure prepare_tasks(month of);
  [[nodiscard]] failure fill(write_plan& plan, std::int64_t batch, bool& is_committed);
  [[nodiscard]] failure copy(std::string_view opening, std::string_view target,
                             const copy_rows& rows, bool& is_committed);
  [[nodiscard]] failure send_rows(const copy_rows& rows);
  [[nodiscard]] failure update(write_plan& plan, std::int64_t batch, bool begins,
                               bool& is_committed);
  [[nodiscard]] failure end();
  void roll_back();
  [[nodiscard]] steady_time answer_deadline() const;

  std::string conninfo_;
  uuid writer_;
  unsigned lane_;
  timeouts limits_;
  std::optional<session> session_;
  /// Of execution_counts: a number that no other lane which is connected now has.
  std::int16_t slot_ = 0;
  std::set<int> prepared_months_;
  std::uint64_t connects_ = 0;
  std::uint64_t found_committed_ = 0;
};

}  // namespace engine::postgres
