#include "bench/postgres/wal_input.h"

#include <atomic>
#include <map>

#include <fmt/format.h>

#include "subsystems/postgres/binary_format.h"

namespace headroom::postgres_bench {

namespace store = engine::postgres;

namespace {

constexpr std::uint32_t workflows = 1'000;
constexpr std::uint32_t tenants = 50;
constexpr std::size_t different_texts = 500;
constexpr const char* columns =
    "workflow_id, started_at, finished_at, tenant_id, workflow_version, status, input, outcome";

std::string table_of(const char* key_type) {
  return fmt::format(
      "CREATE TABLE records (id {} PRIMARY KEY, workflow_id uuid NOT NULL, started_at timestamptz, "
      "finished_at timestamptz NOT NULL, tenant_id integer NOT NULL, workflow_version integer NOT "
      "NULL, status smallint NOT NULL CHECK (status BETWEEN 2 AND 4), input json, outcome json);"
      "CREATE INDEX records_by_tenant ON records (tenant_id, id);"
      "CREATE INDEX records_by_workflow ON records (workflow_id, id);"
      "CREATE INDEX records_by_status ON records (tenant_id, status, id)",
      key_type);
}

template <class... Key>
void add_row(store::copy_rows& to, const ended_execution& record, const Key&... key) {
  to.add(key..., record.workflow_id, record.started_at, record.finished_at, record.tenant_id,
         std::int32_t{1}, record.status, record.input, record.outcome);
}

}  // namespace

ended_executions::ended_executions() {
  for (std::uint32_t at = 0; at < workflows; ++at) {
    workflows_.push_back(store::make_uuid(store::time_point(), source_.next()));
  }
  for (std::size_t at = 0; at < different_texts; ++at) {
    inputs_.push_back(
        fmt::format(R"({{"customer": "c-{:06}", "amount": {}, "region": "eu-west-{}"}})",
                    source_.below(1'000'000), source_.below(100'000), source_.below(4)));
    outcomes_.push_back(fmt::format(R"({{"rows": {}, "result": "s3://results/{:016x}"}})",
                                    source_.below(1'000'000), source_.next()));
  }
}

void ended_executions::make(std::size_t count, std::vector<ended_execution>& into) {
  // Of all tables, so no two calls have the same.
  static std::atomic<std::int64_t> last{store::now().time_since_epoch().count()};
  const store::time_point begin(
      std::chrono::microseconds(last.fetch_add(static_cast<std::int64_t>(count))));
  const store::time_point end = begin + std::chrono::microseconds(count);
  into.clear();
  for (std::size_t at = 0; at < count; ++at) {
    into.push_back({workflows_[source_.below(workflows)], begin + std::chrono::microseconds(at),
                    end, static_cast<std::int32_t>(1 + source_.below(tenants)),
                    static_cast<std::int16_t>(source_.below(10) < 9 ? 2 : 3),
                    inputs_[source_.below(different_texts)],
                    outcomes_[source_.below(different_texts)]});
  }
}

record_table& record_table::of(key_kind kind, std::size_t stored) {
  static_cast<void>(server());  // ends after the schemas on it
  static std::map<key_kind, record_table> all;
  return all.try_emplace(kind, kind, stored).first->second;
}

record_table::record_table(key_kind kind, std::size_t stored) : kind_(kind) {
  connection_.execute(table_of(kind == key_kind::bigserial ? "bigserial" : "uuid"));
  std::vector<ended_execution> records;
  source_.make(stored, records);
  connection_.copy_in(copy_statement().c_str(), rows_of(records.data(), records.size()));
}

std::string record_table::copy_statement() const {
  return fmt::format("COPY records ({}{}) FROM STDIN (FORMAT binary)",
                     kind_ == key_kind::bigserial ? "" : "id, ", columns);
}

std::string record_table::insert_statement() const {
  return kind_ == key_kind::bigserial
             ? fmt::format("INSERT INTO records ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                           columns)
             : fmt::format(
                   "INSERT INTO records (id, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   columns);
}

store::uuid record_table::next_key() {
  if (kind_ == key_kind::uuid_v7) {
    return store::make_uuid();
  }
  store::uuid key;
  for (std::uint8_t& each : key.bytes) {
    each = static_cast<std::uint8_t>(keys_.below(256));
  }
  key.bytes[6] = static_cast<std::uint8_t>((key.bytes[6] & 0x0fU) | 0x40U);
  key.bytes[8] = static_cast<std::uint8_t>((key.bytes[8] & 0x3fU) | 0x80U);
  return key;
}

std::string record_table::rows_of(const ended_execution* first, std::size_t count) {
  store::copy_rows rows;
  for (std::size_t at = 0; at < count; ++at) {
    if (kind_ == key_kind::bigserial) {
      add_row(rows, first[at]);
    } else {
      add_row(rows, first[at], next_key());
    }
  }
  return std::string(rows.bytes());
}

void record_table::add(const ended_execution& record, binary_parameters& to) {
  if (kind_ != key_kind::bigserial) {
    to.add(next_key());
  }
  to.add_all(record.workflow_id, record.started_at, record.finished_at, record.tenant_id,
             std::int32_t{1}, record.status, record.input, record.outcome);
}

wal_input::stored record_table::stored(const std::vector<ended_execution>& wanted) {
  store::copy_rows rows;
  for (const ended_execution& each : wanted) {
    add_row(rows, each);
  }
  return {connection_.copy_out(
              fmt::format("COPY (SELECT {} FROM records WHERE finished_at = timestamptz "
                          "'2000-01-01 00:00:00+00' + {} * interval '1 microsecond' "
                          "ORDER BY started_at) TO STDOUT (FORMAT binary)",
                          columns, store::timestamp_of(wanted.front().finished_at))),
          std::string(rows.bytes()).append("\377\377", 2)};
}

}  // namespace headroom::postgres_bench
