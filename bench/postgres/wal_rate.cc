#include "bench/postgres/wal_rate.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace headroom::postgres_bench {
namespace {

double per_second(std::uint64_t bytes, std::chrono::duration<double> taken) {
  return taken.count() > 0 ? static_cast<double>(bytes) / taken.count() : 0;
}

}  // namespace

void wal_rate_meter::begin() {
  settle();
  meter_.begin(false);
}

void wal_rate_meter::settle() {
  if (meter_.end()) {
    taken_ += last_taken_;
  }
}

std::vector<counter> wal_rate_meter::counters() {
  settle();
  return {{"bytes_per_second", per_second(meter_.bytes(), taken_)}};
}

std::uint64_t wal_rate_meter::bytes_of_last() {
  const std::uint64_t before = meter_.bytes();
  settle();
  return meter_.bytes() - before;
}

namespace ours {

wal_rate::wal_rate(const wal_rate_input& input)
    : body_(input), meter_(std::make_unique<wal_rate_meter>(server().url())) {}

void wal_rate::prepare() {
  body_.prepare();
  meter_->begin();
}

void wal_rate::run() {
  const auto start = wal_rate_meter::clock::now();
  body_.run();
  meter_->finish(wal_rate_meter::clock::now() - start);
}

}  // namespace ours

namespace binary_copy {

wal_rate::wal_rate(const wal_rate_input& input)
    : target_(input, name),
      connection_(target_.url()),
      meter_(std::make_unique<wal_rate_meter>(server().url())) {}

void wal_rate::prepare() {
  target_.renew();
  portions_.clear();
  const std::span<const new_execution> all = target_.executions();
  for (std::size_t first = 0; first < all.size(); first += wal_rate_input::portion) {
    portions_.push_back(execution_rows(all.subspan(first, wal_rate_input::portion)));
  }
  meter_->begin();
}

void wal_rate::run() {
  const auto start = wal_rate_meter::clock::now();
  for (const std::string& each : portions_) {
    connection_.copy_in(copy_executions, each);
  }
  meter_->finish(wal_rate_meter::clock::now() - start);
}

std::size_t wal_rate::bytes_per_commit() const {
  return meter_->bytes_of_last() / portions_.size();
}

}  // namespace binary_copy

namespace least {

wal_rate::wal_rate(const wal_rate_input& input) {
  binary_copy::wal_rate copied(input);
  copied.prepare();
  copied.run();
  portion_.assign(std::min(copied.bytes_per_commit(), file_bytes), 'w');
}

void wal_rate::run() {
  const auto start = std::chrono::steady_clock::now();
  written_ = 0;
  for (std::size_t commit = 0; commit < commits; ++commit) {
    file_.append_durably(portion_);
    written_ += portion_.size();
  }
  bytes_ += written_;
  taken_ += std::chrono::steady_clock::now() - start;
}

std::string wal_rate::check() const {
  return !portion_.empty() && written_ == commits * portion_.size() &&
                 file_.last(portion_.size()) == portion_
             ? ""
             : fmt::format("{} bytes were written", written_);
}

std::vector<counter> wal_rate::counters() const {
  return {{"bytes_per_second", per_second(bytes_, taken_)}};
}

}  // namespace least

}  // namespace headroom::postgres_bench
