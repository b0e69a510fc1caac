#include "subsystems/postgres/batch_writer.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "subsystems/postgres/backoff_internal.h"
#include "subsystems/postgres/batch_connection_internal.h"
#include "subsystems/postgres/write_plan_internal.h"
#include "subsystems/postgres/write_queue_internal.h"

namespace engine::postgres {
namespace {

using clock = std::chrono::steady_clock;

/// One thread, one connection, one queue.
class lane {
 public:
  lane(const std::string& conninfo, const uuid& writer, unsigned number,
       const writer_options& options)
      : options_(options),
        queue_({std::max<std::size_t>(1, options.queue_changes_max / options.lanes),
                std::max<std::size_t>(1, options.queue_bytes_max / options.lanes)}),
        connection_(conninfo, writer, number,
                    {options.connect_timeout, options.lock_timeout, options.answer_timeout}),
        thread_([this] { run(); }) {}
  ~lane() { close(); }
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  [[nodiscard]] result<void> push(std::span<const change> changes, receipt& to,
                                  clock::time_point deadline, write_queue::wake_up when) {
    return queue_.push(changes, to, deadline, when);
  }

  void wake() { queue_.wake(); }

  void refuse_more() { queue_.close(); }
  void close() {
    refuse_more();
    const std::lock_guard lock(closing_);
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  void add_to(writer_statistics& sum) const {
    sum.batches += figures_.batches;
    sum.writes += figures_.writes;
    sum.changes += figures_.changes;
    sum.failed += figures_.failed;
    sum.merged += figures_.merged;
    sum.splits += figures_.splits;
    sum.reconnects += figures_.reconnects;
    sum.repeated += figures_.repeated;
    sum.found_committed += figures_.found_committed;
    sum.waiting += queue_.waiting();
  }

 private:
  struct figures {
    std::atomic<std::uint64_t> batches{0}, writes{0}, changes{0}, failed{0}, merged{0}, splits{0},
        reconnects{0}, repeated{0}, found_committed{0};
  };

  void run();
  void write(std::size_t first, std::size_t last);
  std::optional<commit_failure> commit_patiently();
  void acknowledge(std::size_t first, std::size_t last);
  void fail(std::size_t first, std::size_t last, const error& why);

  const writer_options options_;
  write_queue queue_;
  batch_connection connection_;
  std::unique_ptr<pending_writes> taken_ = std::make_unique<pending_writes>();
  write_plan plan_;
  std::int64_t batch_ = 0;
  /// Since when no batch has passed that should.
  std::optional<clock::time_point> failing_since_;
  std::uint32_t failures_ = 0;  ///< since then
  clock::time_point next_attempt_{};
  figures figures_;
  std::mutex closing_;
  std::thread thread_;
};

void lane::run() {
  while (queue_.take(taken_)) {
    write(0, taken_->writes().size());
    taken_->clear();
    queue_.release();
  }
  connection_.sign_off();
}

/// Whether other writes of the batch may pass without the one that it failed for.
bool is_of_some(const commit_failure& failed) {
  return failed.what == commit_failure::kind::refused ||
         failed.what == commit_failure::kind::blocked;
}

/// Settles writes [first, last), in as many transactions as it takes.
void lane::write(std::size_t first, std::size_t last) {
  // What was refused together is tried in halves, and then in ever larger parts again: where one
  // write is refused, more often are.
  std::size_t together_max = last - first;
  while (first < last) {
    const write_plan::outcome planned = plan_.build(
        *taken_, first, first + std::min(together_max, last - first), options_.batch_changes_max);
    if (planned.refusal) {
      fail(first, planned.end, *planned.refusal);
      first = planned.end;
      continue;
    }
    const std::size_t together = planned.end - first;
    const std::optional<commit_failure> failed = commit_patiently();
    if (failed && is_of_some(*failed) && together > 1) {
      ++figures_.splits;
      together_max = together / 2;
      continue;
    }
    if (failed && failed->what == commit_failure::kind::passing) {
      fail(first, last, failed->why);  // There is no server; the rest would fare no better.
      return;
    }
    failed ? fail(first, planned.end, failed->why) : acknowledge(first, planned.end);
    first = planned.end;
    together_max = std::max(together_max, 2 * together);
  }
}

/// Repeats a batch until it is committed, refused, or there has been no server for too long.
std::optional<commit_failure> lane::commit_patiently() {
  ++batch_;
  for (;;) {
    std::this_thread::sleep_until(next_attempt_);
    const clock::time_point begun = clock::now();
    const std::uint64_t connects = connection_.connects();
    std::optional<commit_failure> failed = connection_.commit(plan_, batch_);
    figures_.reconnects += connects == 0 ? 0 : connection_.connects() - connects;
    figures_.found_committed = connection_.found_committed();
    if (!failed || failed->what != commit_failure::kind::passing) {
      failing_since_.reset();
      failures_ = 0;
      return failed;
    }
    ++figures_.repeated;
    failing_since_ = failing_since_.value_or(begun);
    next_attempt_ = clock::now() +
                    internal::backoff(options_.backoff_initial, options_.backoff_max, ++failures_);
    if (next_attempt_ > *failing_since_ + options_.retry_for) {
      failed->why.message =
          fmt::format("given up after {} attempts: {}", failures_, failed->why.message);
      return failed;
    }
  }
}

void lane::acknowledge(std::size_t first, std::size_t last) {
  ++figures_.batches;
  figures_.writes += last - first;
  figures_.changes += plan_.changes();
  figures_.merged += plan_.merged();
  const auto writes = taken_->writes();
  while (first < last) {
    receipt* const to = writes[first].to;
    std::size_t end = first + 1;
    while (end < last && writes[end].to == to) {
      ++end;
    }
    to->acknowledge(end - first);
    first = end;
  }
}

void lane::fail(std::size_t first, std::size_t last, const error& why) {
  figures_.failed += last - first;
  for (; first < last; ++first) {
    const queued_write& failed = taken_->writes()[first];
    const uuid& execution = execution_of(taken_->changes_of(failed).front());
    failed.to->fail(execution,
                    {why.code, fmt::format("execution {}: {}", execution.text(), why.message)});
  }
}

}  // namespace

class batch_writer::lanes {
 public:
  lanes(const std::string& conninfo, const writer_options& options) : options_(options) {
    const uuid writer = make_uuid();
    for (unsigned number = 0; number < options.lanes; ++number) {
      lanes_.emplace_back(conninfo, writer, number, options);
    }
  }

  [[nodiscard]] result<void> submit(std::span<const change> changes, receipt& to,
                                    write_queue::wake_up when = write_queue::wake_up::now) {
    if (changes.empty() || changes.size() > options_.batch_changes_max) {
      return error{errc::bad_input, fmt::format("a write has 1 to {} changes, not {}",
                                                options_.batch_changes_max, changes.size())};
    }
    const uuid& execution = execution_of(changes.front());
    for (const change& each : changes.subspan(1)) {
      if (execution_of(each) != execution) {
        return error{errc::bad_input, fmt::format("a write is of one execution, not of {} and {}",
                                                  execution.text(), execution_of(each).text())};
      }
    }
    // The last byte is random in every version that is in use.
    return lanes_[execution.bytes.back() % lanes_.size()].push(
        changes, to, clock::now() + options_.room_timeout, when);
  }

  void wake() {
    for (lane& each : lanes_) {
      each.wake();
    }
  }

  void close() {
    for (lane& each : lanes_) {
      each.refuse_more();
    }
    for (lane& each : lanes_) {
      each.close();
    }
  }

  [[nodiscard]] writer_statistics statistics() const {
    writer_statistics sum;
    for (const lane& each : lanes_) {
      each.add_to(sum);
    }
    return sum;
  }

 private:
  const writer_options options_;
  std::deque<lane> lanes_;
};

batch_writer::batch_writer(const std::string& conninfo, const writer_options& options)
    : lanes_(std::make_unique<lanes>(conninfo, options)) {}

batch_writer::~batch_writer() { close(); }

result<void> batch_writer::submit(std::span<const change> changes, receipt& to) {
  return lanes_->submit(changes, to);
}

// So that a lane which sleeps finds a batch, and not the first few.
constexpr std::size_t wake_every = 1'024;

result<void> batch_writer::submit_each(std::span<const change> changes, receipt& to,
                                       std::size_t* accepted) {
  std::size_t taken = 0;
  result<void> last;
  while (taken < changes.size() && last) {
    last = lanes_->submit(changes.subspan(taken, 1), to, write_queue::wake_up::later);
    taken += last ? 1U : 0U;
    if (taken % wake_every == 0) {
      lanes_->wake();
    }
  }
  lanes_->wake();
  if (accepted != nullptr) {
    *accepted = taken;
  }
  return last;
}

result<void> batch_writer::write(std::span<const change> changes) {
  receipt written;
  if (result<void> accepted = submit(changes, written); !accepted) {
    return accepted;
  }
  return written.wait();
}

void batch_writer::close() { lanes_->close(); }

writer_statistics batch_writer::statistics() const { return lanes_->statistics(); }

}  // namespace engine::postgres
