// The candidates of `reconnect`: the only connection of a pool was ended by the server, and nobody
// has noticed. How long until a statement is answered again?
#pragma once

#include <memory>
#include <pqxx/except>
#include <string>
#include <string_view>
#include <utility>

#include "bench/postgres/pool_real_input.h"
#include "bench/postgres/server.h"

namespace headroom::pool_bench {

namespace ours {

/// The lease whose statement fails is given back; the pool replaces what is broken.
class reconnect {
 public:
  static constexpr std::string_view name = "engine";

  explicit reconnect(const reconnect_input&)
      : pool_(engine::postgres::pool::open(
                  engine::postgres::connector(postgres_bench::server().url()),
                  {.size_min = 1, .size_max = 1})
                  .value()) {}

  void prepare() {
    int pid = 0;
    {
      const auto held = pool_.checkout(patience);
      ask_one(*held.value());
      pid = held.value()->native().backendpid();
    }
    killer_.kill(pid);
  }
  void run() {
    for (answer_ = 0; answer_ == 0;) {
      try {
        const auto held = pool_.checkout(patience, "benchmark");
        answer_ = ask_one(*held.value());
      } catch (const pqxx::failure&) {
      }
    }
  }
  [[nodiscard]] int answer() const { return answer_; }

 private:
  engine::postgres::pool pool_;
  backend_killer killer_;
  int answer_ = 0;
};

}  // namespace ours

namespace mutex_condvar {

/// Who finds the connection broken connects anew, and gives that back.
class reconnect {
 public:
  static constexpr std::string_view name = "mutex_condvar";

  explicit reconnect(const reconnect_input&) {
    pool_.add(std::make_unique<replaceable>(replaceable{connect(postgres_bench::server().url())}));
  }

  void prepare() {
    int pid = 0;
    {
      const auto held = pool_.checkout(patience);
      ask_one(*held.value()->current);
      pid = held.value()->current->native().backendpid();
    }
    killer_.kill(pid);
  }
  void run() {
    for (answer_ = 0; answer_ == 0;) {
      const auto held = pool_.checkout(patience);
      replaceable& lent = *held.value();
      try {
        if (!lent.current->is_open()) {
          lent.current = connect(postgres_bench::server().url());
        }
        answer_ = ask_one(*lent.current);
      } catch (const pqxx::failure&) {
      }
    }
  }
  [[nodiscard]] int answer() const { return answer_; }

 private:
  struct replaceable {
    std::unique_ptr<connection> current;
  };

  mutex_condvar_pool<replaceable> pool_;
  backend_killer killer_;
  int answer_ = 0;
};

}  // namespace mutex_condvar

namespace least {

/// A new connection and a statement over it, without the one that fails.
class reconnect {
 public:
  static constexpr std::string_view name = "floor";

  explicit reconnect(const reconnect_input&) {}

  void prepare() { kept_.reset(); }
  void run() {
    kept_ = connect(postgres_bench::server().url());
    answer_ = ask_one(*kept_);
  }
  [[nodiscard]] std::string check() const { return answer_ == 1 ? "" : "SELECT 1 did not give 1"; }

 private:
  std::unique_ptr<connection> kept_;
  int answer_ = 0;
};

}  // namespace least

}  // namespace headroom::pool_bench
