// Single executions, traces and counts, by the engine.
#pragma once

#include <string_view>

#include "bench/postgres/get_input.h"

namespace headroom::postgres_bench::ours {

class get {
 public:
  static constexpr std::string_view name = "engine";

  explicit get(const get_input& input) : input_(input) {}

  void run() {
    at_ = (at_ + 1) % input_.cases().size();
    const known_row& asked = input_.cases()[at_];
    view_ = take(input_.link().history().get(asked.tenant, asked.id));
  }
  [[nodiscard]] get_input::answered answer() const { return {at_, &view_}; }

 private:
  const get_input& input_;
  std::size_t at_ = 0;
  engine::postgres::execution_view view_;
};

class trace {
 public:
  static constexpr std::string_view name = "engine";

  explicit trace(const trace_input& input) : input_(input) {}

  void run() {
    at_ = (at_ + 1) % input_.cases().size();
    const known_row& asked = input_.cases()[at_];
    trace_ = take(input_.link().history().get_trace(asked.tenant, asked.id));
  }
  [[nodiscard]] trace_input::answered answer() const { return {at_, &trace_}; }

 private:
  const trace_input& input_;
  std::size_t at_ = 0;
  engine::postgres::execution_trace trace_;
};

class count {
 public:
  static constexpr std::string_view name = "engine";

  explicit count(const count_input& input) : input_(input) {}

  void run() {
    tenant_ = tenant_ % count_input::tenants + 1;
    count_ = take(input_.link().history().count(tenant_)).all();
  }
  [[nodiscard]] count_input::answered answer() const { return {tenant_, count_}; }

 private:
  const count_input& input_;
  std::int32_t tenant_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace headroom::postgres_bench::ours
