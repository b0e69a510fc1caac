// The candidates of `checkout_real`: a connection is lent, one statement goes over it, and it comes
// back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bench/postgres/pool_real_input.h"
#include "bench/postgres/server.h"

namespace headroom::pool_bench {

namespace ours {

class statement {
 public:
  static constexpr std::string_view name = "engine";

  explicit statement(const real_input& input) : pool_(input.shared().engine) {}
  void run() {
    const auto held = pool_.checkout(patience, "benchmark");
    answer_ = ask_one(*held.value());
  }
  [[nodiscard]] int answer() const { return answer_; }

 private:
  engine::postgres::pool& pool_;
  int answer_ = 0;
};

}  // namespace ours

namespace mutex_condvar {

class statement {
 public:
  static constexpr std::string_view name = "mutex_condvar";

  explicit statement(const real_input& input) : pool_(input.shared().mutex_condvar) {}
  void run() {
    const auto held = pool_.checkout(patience);
    answer_ = ask_one(*held.value());
  }
  [[nodiscard]] int answer() const { return answer_; }

 private:
  mutex_condvar_pool<connection>& pool_;
  int answer_ = 0;
};

}  // namespace mutex_condvar

/// PgBouncer in transaction mode, which lends a connection for each statement; each thread keeps
/// its own to PgBouncer, which is how it is fastest.
class pgbouncer_statement {
 public:
  static constexpr std::string_view name = "pgbouncer";

  explicit pgbouncer_statement(const real_input& input)
      : kept_(connect(input.shared().bouncer.url())) {}
  void run() { answer_ = ask_one(*kept_); }
  [[nodiscard]] int answer() const { return answer_; }

 private:
  std::unique_ptr<connection> kept_;
  int answer_ = 0;
};

namespace least {

/// The statement over a connection that each thread has to itself: what is left when nothing is
/// lent.
class statement {
 public:
  static constexpr std::string_view name = "floor";

  explicit statement(const real_input&) : kept_(connect(postgres_bench::server().url())) {}
  void run() { answer_ = ask_one(*kept_); }
  [[nodiscard]] std::string check() const { return answer_ == 1 ? "" : "SELECT 1 did not give 1"; }

 private:
  std::unique_ptr<connection> kept_;
  int answer_ = 0;
};

}  // namespace least

}  // namespace headroom::pool_bench
