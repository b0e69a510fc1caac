// A batch as the server gets it: changes merged by key, sorted, and in the binary format.
//
// Knows nothing of connections. Not thread-safe; keeps its memory from batch to batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "subsystems/postgres/binary_format.h"
#include "subsystems/postgres/month.h"
#include "subsystems/postgres/write_queue_internal.h"

namespace engine::postgres {

/// New states of tasks that are there already, in one partition.
struct task_updates {
  month of;
  array_parameter executions{uuid_type};
  array_parameter tasks{int2_type};
  array_parameter statuses{int2_type};
  array_parameter attempts{int2_type};
  array_parameter starts{timestamptz_type};
  array_parameter finishes{timestamptz_type};
};

/// Of executions that are there already: some begin to run, others are over.
struct execution_updates {
  array_parameter executions{uuid_type};
  array_parameter statuses{int2_type};
  array_parameter starts{timestamptz_type};
};

struct execution_ends {
  array_parameter executions{uuid_type};
  array_parameter statuses{int2_type};
  array_parameter starts{timestamptz_type};
  array_parameter finishes{timestamptz_type};
  array_parameter outcomes{json_type};
  array_parameter months{date_type};
};

/// What is added to execution_counts for executions that begin and end in the batch.
struct count_updates {
  array_parameter workflows{uuid_type};
  array_parameter months{date_type};
  array_parameter tenants{int4_type};
  array_parameter succeeded{int8_type};
  array_parameter failed{int8_type};
  array_parameter cancelled{int8_type};
};

/// Keys of executions that begin, which may be there already: in execution_records of those that
/// only begin, in active_executions of those that also end. Sorted.
struct new_keys {
  array_parameter begun{uuid_type};
  array_parameter ended{uuid_type};
  /// Of all of them, each once.
  std::vector<month> months;
};

class write_plan {
 public:
  write_plan();

  struct outcome {
    /// Writes [first, end) are in the plan; fewer than asked for where a later one can only be
    /// judged when these are stored, or if it would be too many changes.
    std::size_t end;
    /// Why the first write can never be stored; the plan is empty then, and end is first + 1.
    std::optional<error> refusal;
  };

  /// Takes up writes from `first` to before `last`, but no more than `changes_max` changes unless
  /// the first has more. REQUIRES: first < last.
  [[nodiscard]] outcome build(const pending_writes& from, std::size_t first, std::size_t last,
                              std::size_t changes_max);

  copy_rows active_executions;
  copy_rows execution_records;
  copy_rows task_records;
  copy_rows trace_spans;
  copy_rows events;
  /// The first `task_months` are in use.
  std::vector<task_updates> tasks;
  std::size_t task_months = 0;
  new_keys keys;
  execution_updates executions;
  execution_ends ends;
  /// The keys of both, where there are both: locked in their order before either is written.
  array_parameter changing_executions{uuid_type};
  count_updates counts;

  [[nodiscard]] std::size_t changes() const { return changes_; }
  /// Changes that got no row of their own.
  [[nodiscard]] std::size_t merged() const { return merged_; }

 private:
  struct execution_state {
    uuid id;
    const new_execution* begun = nullptr;
    std::size_t first_task = 0;  ///< in begun_tasks_
    execution_status status = execution_status::pending;
    std::optional<time_point> started;
    std::optional<time_point> finished;
    std::string_view outcome;
  };
  struct task_state {
    uuid execution_id;
    std::int16_t task = 0;
    task_status status = task_status::pending;
    std::int16_t attempt = 0;
    std::optional<time_point> started;
    std::optional<time_point> finished;
  };
  struct task_key {
    uuid execution_id;
    std::int16_t task;
    friend bool operator==(const task_key&, const task_key&) = default;
  };
  struct task_key_hash {
    using is_avalanching = void;
    std::size_t operator()(const task_key& key) const noexcept {
      return std::hash<uuid>{}(key.execution_id) + static_cast<std::size_t>(key.task) * 0x9e3779b9;
    }
  };
  struct count_key {
    uuid workflow_id;
    std::int32_t tenant_id;
    int yyyymm;
    friend auto operator<=>(const count_key&, const count_key&) = default;
  };
  struct count_state {
    count_key key;
    std::int64_t ended[3] = {};
  };

  void clear();
  [[nodiscard]] bool add(std::span<const change> changes, std::optional<error>& refusal);
  [[nodiscard]] std::optional<error> apply(const new_execution& begun);
  [[nodiscard]] std::optional<error> apply(const execution_transition& made);
  [[nodiscard]] std::optional<error> apply(const task_transition& made);
  [[nodiscard]] std::optional<error> apply(const trace_span& span);
  [[nodiscard]] std::optional<error> apply(const event& happened);
  execution_state* find(const uuid& id);
  [[nodiscard]] bool has_task_of(const new_execution& begun) const;
  void sort_executions();
  void write_begun();
  void write_executions();
  void write_tasks();
  void write_counts();

  boost::unordered_flat_map<uuid, std::uint32_t, std::hash<uuid>> execution_places_;
  boost::unordered_flat_map<task_key, std::uint32_t, task_key_hash> task_places_;
  std::vector<execution_state> executions_;
  std::vector<task_state> tasks_;
  std::vector<task_state> begun_tasks_;
  std::vector<count_state> count_states_;
  std::size_t changes_ = 0;
  std::size_t merged_ = 0;
};

}  // namespace engine::postgres
