#include "subsystems/postgres/fault_load.h"

#include <utility>

#include <gtest/gtest.h>

namespace engine::postgres::testing {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 2> task_names = {"build", "test"};
constexpr unsigned patient_threads = 3;
constexpr unsigned impatient_threads = 2;
constexpr std::size_t lives_at_once = 4;

writer_options options_with(milliseconds retry_for) {
  return {
      .retry_for = retry_for, .backoff_initial = milliseconds(1), .backoff_max = milliseconds(20)};
}

/// Without the execution that it names, and the row.
std::string reason_in(const std::string& message) {
  const std::size_t begin = message.find(": ");
  return message.substr(begin + 2, message.find(" DETAIL:") - begin - 2);
}

std::vector<change> changes_of(const uuid& id, std::size_t step) {
  const time_point at = id.time();
  const auto attempt = static_cast<std::int16_t>(step);
  const event happened{
      .execution_id = id, .sequence = event_of(step), .kind = "step", .at = at, .detail = "{}"};
  if (step == 0) {
    event first = happened;
    first.sequence = 0;
    return {new_execution{
                .id = id, .tenant_id = 1, .workflow_id = {}, .input = "[1]", .tasks = task_names},
            first, happened};
  }
  if (step == last_step) {
    return {
        execution_transition{.execution_id = id, .status = execution_status::succeeded, .at = at},
        happened};
  }
  std::vector<change> changes{happened};
  for (std::int16_t task = 0; task < static_cast<std::int16_t>(task_names.size()); ++task) {
    changes.push_back(task_transition{.execution_id = id,
                                      .task = task,
                                      .status = task_status::running,
                                      .attempt = attempt,
                                      .at = at});
  }
  return changes;
}

}  // namespace

struct fault_load::sent_write {
  sent_write(life& changed, std::size_t number) : of(changed), step(number) {}

  life& of;
  std::size_t step;
  receipt told;
};

fault_load::fault_load(const std::string& conninfo, month of)
    : month_(of),
      patient_(conninfo, options_with(std::chrono::minutes(5))),
      impatient_(conninfo, options_with(milliseconds(20))) {}

void fault_load::start() {
  stops_ = false;
  for (unsigned thread = 0; thread < patient_threads + impatient_threads; ++thread) {
    const bool is_patient = thread < patient_threads;
    threads_.emplace_back(
        [this, is_patient] { run(is_patient ? patient_ : impatient_, is_patient); });
  }
}

void fault_load::stop() {
  stops_ = true;
  for (std::thread& each : threads_) {
    each.join();
  }
  threads_.clear();
}

void fault_load::run(batch_writer& with, bool is_patient) {
  std::vector<life> mine;
  while (!stops_) {
    std::vector<life> living(lives_at_once);
    std::deque<sent_write> sent;
    for (life& each : living) {
      const std::uint64_t number = ++keys_;
      each.id = make_uuid(month_.begin() + milliseconds(number), number * 0x9e3779b97f4a7c15);
    }
    for (std::size_t step = 0; step < steps; ++step) {
      for (life& each : living) {
        submit(with, each, step, sent);
      }
    }
    for (sent_write& each : sent) {
      settle(each, is_patient);
    }
    mine.insert(mine.end(), living.begin(), living.end());
  }
  const std::lock_guard lock(mutex_);
  lives_.insert(lives_.end(), mine.begin(), mine.end());
}

void fault_load::submit(batch_writer& with, life& of, std::size_t step,
                        std::deque<sent_write>& sent) {
  sent_write& made = sent.emplace_back(of, step);
  if (const result<void> taken = with.submit(changes_of(of.id, step), made.told); !taken) {
    ADD_FAILURE() << taken.error().what();
    sent.pop_back();
  }
}

void fault_load::settle(sent_write& sent, bool is_patient) {
  const result<void> outcome = sent.told.wait();
  sent.of.writes[sent.step] = outcome ? fate::acknowledged : fate::failed;
  const std::lock_guard lock(mutex_);
  if (outcome) {
    ++tally_.acknowledged;
    progressed_.notify_all();
    return;
  }
  ++tally_.unacknowledged;
  const errc code = outcome.error().code;
  const bool follows_failure =
      sent.step > 0 && sent.of.writes[sent.step - 1] == fate::failed && code == errc::not_found;
  if (is_patient ||
      !(follows_failure || code == errc::connection_lost || code == errc::connect_failed)) {
    ++tally_.wrongly_failed;
    ++tally_.wrong_reasons[reason_in(outcome.error().what())];
  }
}

bool fault_load::wait_for(std::uint64_t writes, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = tally_.acknowledged + writes;
  return progressed_.wait_until(lock, deadline,
                                [this, wanted] { return tally_.acknowledged >= wanted; });
}

std::vector<life> fault_load::take_lives() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lives_, {});
}

fault_load::tally fault_load::counted() const {
  const std::lock_guard lock(mutex_);
  return tally_;
}

writer_statistics fault_load::statistics() const {
  writer_statistics sum = patient_.statistics();
  const writer_statistics other = impatient_.statistics();
  sum.batches += other.batches;
  sum.found_committed += other.found_committed;
  sum.reconnects += other.reconnects;
  return sum;
}

}  // namespace engine::postgres::testing
