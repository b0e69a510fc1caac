#include "bench/postgres/wal_keys.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace headroom::postgres_bench {

keyed_records::keyed_records(const wal_input& input, key_kind kind)
    : options_(input.options()),
      table_(record_table::of(kind, options_.stored)),
      connection_(table_.url()),
      meter_(std::make_unique<wal_meter>(table_.url(), input.items(),
                                         [this] {
                                           // The statement's own end is when it reports.
                                           connection_.execute("SELECT pg_stat_force_next_flush()");
                                         })),
      copy_statement_(table_.copy_statement()) {
  connection_.execute(fmt::format("SET synchronous_commit = {}; SET wal_compression = {}",
                                  options_.is_synchronous ? "on" : "off",
                                  options_.compresses ? "lz4" : "off"));
  connection_.prepare("insert", table_.insert_statement());
}

void keyed_records::prepare() {
  table_.source().make(options_.rows, records_);
  batches_.clear();
  rows_.clear();
  for (std::size_t first = 0; first < records_.size(); first += options_.batch) {
    if (options_.batch == 1) {
      table_.add(records_[first], rows_.emplace_back());
    } else {
      batches_.push_back(table_.rows_of(records_.data() + first,
                                        std::min(options_.batch, records_.size() - first)));
    }
  }
  meter_->begin(true);
}

void keyed_records::run() {
  for (binary_parameters& each : rows_) {
    connection_.run("insert", each.views());
  }
  for (const std::string& each : batches_) {
    connection_.copy_in(copy_statement_.c_str(), each);
  }
}

wal_input::stored keyed_records::answer() {
  meter_->end();
  return table_.stored(records_);
}

std::vector<counter> keyed_records::counters() const {
  meter_->end();
  return meter_->counters();
}

}  // namespace headroom::postgres_bench
