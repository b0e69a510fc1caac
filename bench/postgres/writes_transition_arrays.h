// Transitions as the parameters of one UPDATE … FROM unnest(), in binary.
//
// Keeps its memory from statement to statement. Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/postgres/writes_transition_input.h"
#include "subsystems/postgres/binary_format.h"

namespace headroom::postgres_bench {

/// With the arrays as $1 to $6, in the partition of that name.
[[nodiscard]] std::string unnest_update(const std::string& partition);

/// Those of one task stay in their order.
inline void sort_by_key(std::span<task_transition> transitions) {
  std::stable_sort(transitions.begin(), transitions.end(),
                   [](const task_transition& a, const task_transition& b) {
                     return a.execution_id != b.execution_id ? a.execution_id < b.execution_id
                                                             : a.task < b.task;
                   });
}

class transition_arrays {
 public:
  void assign(std::span<const task_transition> transitions);
  /// Valid until the next assign().
  [[nodiscard]] std::array<std::string_view, 6> views() {
    return {executions_.bytes(), tasks_.bytes(),  statuses_.bytes(),
            attempts_.bytes(),   starts_.bytes(), finishes_.bytes()};
  }
  [[nodiscard]] std::size_t rows() const { return executions_.size(); }

 private:
  engine::postgres::array_parameter executions_{engine::postgres::uuid_type};
  engine::postgres::array_parameter tasks_{engine::postgres::int2_type};
  engine::postgres::array_parameter statuses_{engine::postgres::int2_type};
  engine::postgres::array_parameter attempts_{engine::postgres::int2_type};
  engine::postgres::array_parameter starts_{engine::postgres::timestamptz_type};
  engine::postgres::array_parameter finishes_{engine::postgres::timestamptz_type};
};

}  // namespace headroom::postgres_bench
