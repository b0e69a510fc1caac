// Single executions by their keys: getting them, and their traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/postgres/query_store.h"

namespace headroom::postgres_bench {

/// Executions of all tenants and ages, in random order. Items: one.
class get_input {
 public:
  static constexpr std::size_t cases_max = 1'024;

  get_input();

  [[nodiscard]] query_link& link() const { return *link_; }
  [[nodiscard]] const std::vector<known_row>& cases() const { return cases_; }
  [[nodiscard]] double items() const { return 1; }

  struct answered {
    std::size_t which;
    const engine::postgres::execution_view* view;
  };
  [[nodiscard]] std::string mismatch(const answered& answer) const;

 private:
  std::shared_ptr<query_link> link_ = std::make_shared<query_link>();
  std::vector<known_row> cases_;
};

/// Executions whose traces have payloads of so many KB. Items: KB.
class trace_input {
 public:
  explicit trace_input(std::uint32_t payload_kb);

  [[nodiscard]] query_link& link() const { return *link_; }
  [[nodiscard]] const std::vector<known_row>& cases() const { return cases_; }
  [[nodiscard]] std::uint32_t payload_kb() const { return payload_kb_; }
  [[nodiscard]] double items() const { return payload_kb_; }

  struct answered {
    std::size_t which;
    const engine::postgres::execution_trace* trace;
  };
  [[nodiscard]] std::string mismatch(const answered& answer) const;

 private:
  std::uint32_t payload_kb_;
  std::shared_ptr<query_link> link_ = std::make_shared<query_link>();
  std::vector<known_row> cases_;
};

/// How many executions tenants have. Items: one.
class count_input {
 public:
  static constexpr std::int32_t tenants = 8;

  count_input();

  [[nodiscard]] query_link& link() const { return *link_; }
  [[nodiscard]] double items() const { return 1; }

  struct answered {
    std::int32_t tenant;
    std::int64_t count;
  };
  [[nodiscard]] std::string mismatch(const answered& answer) const;

 private:
  std::shared_ptr<query_link> link_ = std::make_shared<query_link>();
  std::vector<std::int64_t> counts_;  ///< by tenant
};

}  // namespace headroom::postgres_bench
