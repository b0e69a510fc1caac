// Statements prepared on a session when they are first needed, run with bound parameters, values in
// binary both ways.
//
// Does not own the session. Not thread-safe. Cost beside the round trip: a look-up by name.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "subsystems/postgres/session.h"
#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

/// The values of one execution, in the order of $1, $2, …. Texts are views. No allocation.
class parameters {
 public:
  static constexpr std::size_t count_max = 8;

  parameters() = default;
  parameters(const parameters&) = delete;  // values point into it
  parameters& operator=(const parameters&) = delete;

  /// REQUIRES: there are fewer than count_max.
  parameters& add(std::int16_t value);
  parameters& add(std::int32_t value);
  parameters& add(std::int64_t value);
  parameters& add(const uuid& value);
  /// As text or json. It may have no zero byte, which the server refuses.
  parameters& add(std::string_view value);

  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void add_bytes(const char* bytes, std::size_t length);
  void add_copy(const void* bytes, std::size_t length);

  std::array<std::array<char, 16>, count_max> held_;
  std::array<const char*, count_max> values_{};
  std::array<int, count_max> lengths_{};
  std::array<int, count_max> formats_{};
  int count_ = 0;
};

class prepared_statements {
 public:
  /// `settings` is run before the first statement; null for none. At most `statements_max` are
  /// kept; those longest there make room.
  prepared_statements(session& on, std::chrono::milliseconds timeout, std::size_t statements_max,
                      const char* settings = nullptr)
      : session_(&on), timeout_(timeout), statements_max_(statements_max), settings_(settings) {}

  /// Runs the statement of that name, which `make_sql` writes when it is not prepared yet. A name
  /// stands for one text. One that somebody has discarded is prepared again. Errors as
  /// session::error_of().
  [[nodiscard]] result<query_result> run(std::string_view name,
                                         const std::function<std::string()>& make_sql,
                                         const parameters& with);

  /// Whether the last run() failed since a table is not there: what the statement's text is made
  /// from should be looked at again.
  [[nodiscard]] bool misses_table() const { return misses_table_; }

 private:
  struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };

  [[nodiscard]] result<void> prepare(const std::string& name, const std::string& sql,
                                     steady_time deadline);
  [[nodiscard]] result<query_result> finish(steady_time deadline);
  void forget(std::string_view name, steady_time deadline);

  session* session_;
  std::chrono::milliseconds timeout_;
  std::size_t statements_max_;
  const char* settings_;
  bool is_stale_ = false;
  bool misses_table_ = false;
  std::unordered_set<std::string, name_hash, std::equal_to<>> known_;
  std::deque<std::string> oldest_first_;
};

}  // namespace engine::postgres
