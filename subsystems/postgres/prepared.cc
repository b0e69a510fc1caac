#include "subsystems/postgres/prepared.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <fmt/format.h>

#include "subsystems/postgres/binary_format.h"

namespace engine::postgres {
namespace {

constexpr int binary_format = 1;

bool has_failed(const PGresult* from) {
  const ExecStatusType status = PQresultStatus(from);
  return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

// The statement is no longer there, or a column of its result has changed: prepared anew, it works.
bool says_stale(std::string_view sqlstate) { return sqlstate == "26000" || sqlstate == "0A000"; }

bool says_no_table(std::string_view sqlstate) { return sqlstate == "42P01"; }

}  // namespace

void parameters::add_bytes(const char* bytes, std::size_t length) {
  const auto at = static_cast<std::size_t>(count_);
  assert(at < count_max);
  values_[at] = bytes;
  lengths_[at] = static_cast<int>(length);
  formats_[at] = binary_format;
  ++count_;
}

void parameters::add_copy(const void* bytes, std::size_t length) {
  char* const held = held_[static_cast<std::size_t>(count_)].data();
  std::memcpy(held, bytes, length);
  add_bytes(held, length);
}

parameters& parameters::add(std::int16_t value) {
  const auto swapped = binary::big_endian(value);
  add_copy(&swapped, sizeof swapped);
  return *this;
}

parameters& parameters::add(std::int32_t value) {
  const auto swapped = binary::big_endian(value);
  add_copy(&swapped, sizeof swapped);
  return *this;
}

parameters& parameters::add(std::int64_t value) {
  const auto swapped = binary::big_endian(value);
  add_copy(&swapped, sizeof swapped);
  return *this;
}

parameters& parameters::add(const uuid& value) {
  add_copy(value.bytes.data(), value.bytes.size());
  return *this;
}

parameters& parameters::add(std::string_view value) {
  // A null pointer would be NULL.
  add_bytes(value.empty() ? "" : value.data(), value.size());
  return *this;
}

result<query_result> prepared_statements::run(std::string_view name,
                                              const std::function<std::string()>& make_sql,
                                              const parameters& with) {
  const steady_time deadline = std::chrono::steady_clock::now() + timeout_;
  for (bool again = false;; again = true) {
    auto found = known_.find(name);
    if (found == known_.end()) {
      const result<void> prepared = prepare(std::string(name), make_sql(), deadline);
      if (!prepared) {
        return prepared.error();
      }
      found = known_.find(name);
    }
    if (PQsendQueryPrepared(session_->native(), found->c_str(), with.count(), with.values(),
                            with.lengths(), with.formats(), binary_format) == 0) {
      return session_->error_of(nullptr);
    }
    result<query_result> finished = finish(deadline);
    if (finished || !(is_stale_ || misses_table_)) {
      return finished;
    }
    forget(name, deadline);
    if (misses_table_ || again) {
      return finished;
    }
  }
}

result<void> prepared_statements::prepare(const std::string& name, const std::string& sql,
                                          steady_time deadline) {
  if (settings_ != nullptr) {
    const result<query_result> set = session_->execute(settings_, deadline);
    if (!set) {
      return set.error();
    }
    settings_ = nullptr;
  }
  if (known_.size() >= statements_max_) {
    const std::string oldest = oldest_first_.front();
    forget(oldest, deadline);
  }
  if (PQsendPrepare(session_->native(), name.c_str(), sql.c_str(), 0, nullptr) == 0) {
    return session_->error_of(nullptr);
  }
  const result<query_result> made = finish(deadline);
  if (!made) {
    return made.error();
  }
  known_.insert(name);
  oldest_first_.push_back(name);
  return {};
}

result<query_result> prepared_statements::finish(steady_time deadline) {
  query_result first;
  for (query_result next = session_->next_result(deadline); next != nullptr;
       next = session_->next_result(deadline)) {
    if (first == nullptr) {
      first = std::move(next);
    }
    if (session_->is_lost()) {
      break;
    }
  }
  if (first == nullptr || session_->is_lost() || has_failed(first.get())) {
    is_stale_ = says_stale(sqlstate_of(first.get()));
    misses_table_ = says_no_table(sqlstate_of(first.get()));
    return session_->error_of(first.get());
  }
  misses_table_ = false;
  return first;
}

// The server may have forgotten it already, which is as well.
void prepared_statements::forget(std::string_view name, steady_time deadline) {
  const auto found = known_.find(name);
  const std::string sql = fmt::format("DEALLOCATE {}", name);
  static_cast<void>(session_->execute(sql.c_str(), deadline).has_value());
  oldest_first_.erase(std::find(oldest_first_.begin(), oldest_first_.end(), name));
  known_.erase(found);
}

}  // namespace engine::postgres
